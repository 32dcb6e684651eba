export { createObservedReader } from "./create.js";
export type { ObservedReader } from "./types.js";
