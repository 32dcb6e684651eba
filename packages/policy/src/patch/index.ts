export { applyEdit, applyEdits } from "./apply.js";
export { createPatch } from "./create.js";
export { applyOperations, jsonPointer } from "./operations.js";
export type { Patch, PatchOperation, PatchPath, TextEdit } from "./patch.js";
export { unifiedDiff } from "./unified-diff.js";
