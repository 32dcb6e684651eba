export { type BundleReader, createBundleReader } from "./create.js";
export type { FlowWriter } from "./flow-text.js";
export { addGaps } from "./gaps.js";
export { addObjects, addWatches } from "./objects.js";
export type * from "./types.js";
