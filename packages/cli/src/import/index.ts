export { clusterOfFiles } from "./cluster.js";
export { explainedReport } from "./explained.js";
export { readPast } from "./histories.js";
export { createProgress, type ProgressOptions, type ProgressView } from "./progress.js";
export { importError, importReport } from "./report.js";
