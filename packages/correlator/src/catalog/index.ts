export * from "./folder/index.js";
export * from "./kubernetes/index.js";
export * from "./live.js";
export * from "./objects.js";
export * from "./source.js";
