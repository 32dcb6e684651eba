export * from "./batch.js";
export * from "./schema/column.js";
export * from "./schema/flows.js";
export * from "./schema/objects.js";
export * from "./schema/side-tables.js";
export * from "./reader.js";
export * from "./config.js";
export { startEngine, type Engine, type EngineOptions, type StoreTarget } from "./engine/start.js";
export { connectOrStartEngine, type EngineLink } from "./engine/connect.js";
export * from "./native/index.js";
export * from "./blocks/index.js";
export * from "./clickhouse/classify.js";
export * from "./clickhouse/client.js";
export { serverTarget, storeTrouble, type ServerOptions } from "./clickhouse/server.js";
export { migrate, type MigrateOptions, type MigrateResult } from "./migrations/run.js";
export { MIGRATION_NAMES, SCHEMA_VERSION } from "./migrations/list.js";
export { createStoredIds, type StoredIds } from "./read/stored-ids.js";
export * from "./open.js";
export * from "./metrics.js";
export { openSpool, Spool, type SpoolOptions, type WaitingFile } from "./spool/spool.js";
export type { SpoolFile, SpoolFs } from "./spool/fs.js";
export { CORRELATE_POINTS, KILL_POINTS, type KillPoint } from "./spool/kill-point.js";
export { Delivery, type DeliveryOptions, type DeliveryState } from "./deliver/deliver.js";
export { uuidText } from "./deliver/verify.js";
export { readSeedIds, type SeedIds } from "./read/seed-ids.js";
export { createReader, type ReaderOptions } from "./read/create.js";
export {
  createStoreFacts,
  type StoreFacts,
  type StoredNode,
  type StoredTotals,
} from "./read/facts.js";
export { DEFAULT_LIMITS, type QueryLimits } from "./read/run.js";
export { fitsRollup } from "./read/minute-sql.js";
export { fitsEdges } from "./read/edge-filter.js";
export {
  createObjectReader,
  type ObjectQuery,
  type ObjectReader,
  type ToldReader,
} from "./objects/reader.js";
export {
  createObjectWriter,
  type ObjectWriter,
  type ObjectWriterOptions,
  type ObjectWriterState,
  type VersionWrite,
} from "./objects/writer.js";
export {
  FOLDER_SOURCE,
  GIT_SOURCE,
  isImported,
  settle,
  watchedSpans,
  type Span,
} from "./objects/settle.js";
export {
  storedTime,
  type ObjectContent,
  type ObjectVersionRow,
  type ObjectWatch,
  type StoredVersion,
} from "./objects/version.js";
export * from "./schema/correlated.js";
export type * from "./correlated/types.js";
export type { CorrelatorCursor } from "./correlated/cursor.js";
export { idText, isProblemId } from "./correlated/ids.js";
export { createAuditReader, type AuditQuery, type AuditReader } from "./correlated/audit-reader.js";
export { readJudgedBy, type JudgedBy } from "./correlated/judged-by.js";
export { explainedCounts, landedAt, type ExplainedCounts } from "./correlated/explained-counts.js";
export { createProblemReader } from "./correlated/problem-reader.js";
export { createCorrelatorStore, type CorrelatorStore } from "./correlated/correlator-store.js";
export { folderLeader, leaseLeader, type Leader } from "./correlated/leader.js";
export { createViewReader } from "./views/create.js";
export { createCompareReader } from "./compare/create.js";
export type { CompareQuery, CompareReader, EdgeChanges, VerdictChange } from "./compare/types.js";
export type { Lookups, TrafficEdge, ViewReader } from "./views/types.js";
export { createSavedViews, MAX_SAVED_VIEWS, type SavedViews } from "./saved-views.js";
export * from "./observed/index.js";
export * from "./export/index.js";
export * from "./space/index.js";
export * from "./bundle/index.js";
