export * from "./correlator.js";
export * from "./explain/index.js";
