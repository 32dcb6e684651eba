export * from "./correlator.js";
export * from "./explain-drop.js";
export * from "./explanation.js";
