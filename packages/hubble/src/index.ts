export * from "./messages.js";
export { createEncoder, WrongType, type Unknowns } from "./json/encode.js";
export { createWire, type Wire } from "./json/wire.js";
export { compileMask } from "./mask.js";
export { filtersOf } from "./filters.js";
