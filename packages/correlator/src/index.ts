export * from "./audit/index.js";
export * from "./catalog/index.js";
export * from "./correlator.js";
export * from "./explain/index.js";
