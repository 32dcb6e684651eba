export type { LowCardinalityArrayColumn, TextArrayColumn, U64ArrayColumn } from "./arrays.js";
export { AtomTable } from "./atoms.js";
export { BlockBuilder, type Handles } from "./block.js";
export type { Fixed8, Fixed16, Fixed32, Fixed64, Fixed128 } from "./fixed.js";
export type { LowCardinalityColumn } from "./low-cardinality.js";
export type { Nullable32, Nullable64 } from "./nullable.js";
export type { TextColumn } from "./text.js";
