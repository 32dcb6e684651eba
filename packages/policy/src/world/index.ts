export * from "./ends.js";
export * from "./labels.js";
export type { Resolution } from "./resolve.js";
export * from "./workloads.js";
export * from "./world.js";
