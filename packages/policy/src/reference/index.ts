export { decide } from "./decide.js";
export { decideSide, type Enforcement, enforcementOf } from "./side.js";
