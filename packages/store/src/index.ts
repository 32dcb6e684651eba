export * from "./batch.js";
export * from "./schema/column.js";
export * from "./schema/flows.js";
export * from "./schema/side-tables.js";
export * from "./reader.js";
