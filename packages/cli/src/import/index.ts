export { createProgress, type ProgressOptions, type ProgressView } from "./progress.js";
export { importError, importReport } from "./report.js";
