export { importFiles, type ImportOptions, type ImportProgress } from "./import.js";
export {
  IMPORT_REJECT_REASONS,
  isEmpty,
  isFromHubble,
  type ImportCounts,
  type ImportedFile,
  type ImportRejectReason,
  type ImportSummary,
} from "./summary.js";
export { readFlowFile, type ReadOptions } from "./read.js";
export { MAX_VALUE_BYTES } from "./split.js";
