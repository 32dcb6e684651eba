export { connectionOfFlow } from "./asked.js";
export { refusalOf } from "./refusals.js";
export { repair, type Repair, type RepairAsked, type RepairOptions } from "./repair.js";
export { type FileFor } from "./written.js";
export { type PolicyId, policyText } from "./candidate.js";
export { worldOfObjects } from "./ends.js";
