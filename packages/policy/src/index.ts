export * from "./isolation.js";
export * from "./labels.js";
export * from "./parse.js";
export * from "./policy.js";
