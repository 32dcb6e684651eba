export * from "./cluster/index.js";
export * from "./traffic/index.js";
export * from "./replay/index.js";
export * from "./repair/index.js";
export * from "./rules/index.js";
export * from "./readiness/index.js";
export * from "./suggest/index.js";
