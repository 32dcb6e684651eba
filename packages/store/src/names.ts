/** Names that a command line offers, without the store behind them: it takes half a second to load. */
export { EXPORT_FORMATS, type ExportFormat } from "./export/formats.js";
export { RETENTION_CLASSES, type RetentionClass } from "./space/classes.js";
