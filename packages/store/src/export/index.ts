export type { ExportColumn, ExportKind } from "./column.js";
export { EXPORT_COLUMNS } from "./columns.js";
export {
  createExporter,
  EXPORT_LIMITS,
  type ExporterOptions,
  type ExportProgress,
  type ExportQuery,
  type FlowExport,
  type FlowExporter,
} from "./export.js";
export { EXPORT_FORMATS, type ExportFormat } from "./formats.js";
