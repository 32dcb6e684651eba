export { AtomTable } from "./atoms.js";
export { BlockBuilder, type Handles } from "./block.js";
