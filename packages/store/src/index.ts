export * from "./batch.js";
export * from "./schema/column.js";
export * from "./schema/flows.js";
export * from "./schema/side-tables.js";
export * from "./reader.js";
export * from "./config.js";
export { startEngine, type Engine, type EngineOptions, type StoreTarget } from "./engine/start.js";
export { connectOrStartEngine, type EngineLink } from "./engine/connect.js";
export * from "./native/index.js";
