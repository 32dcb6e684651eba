export * from "./cluster/index.js";
export * from "./traffic/index.js";
