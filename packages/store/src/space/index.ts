export type { DiskBound } from "./bound.js";
export {
  CLASS_TABLES,
  DAYS_OF,
  RETENTION_CLASSES,
  type ClassTable,
  type RetentionClass,
} from "./classes.js";
export { currentRetention } from "./current-retention.js";
export {
  createSpaceKeeper,
  type SpaceKeeper,
  type SpaceKeeperOptions,
  type SpaceState,
} from "./keeper.js";
export { checkRetention, MOST_DAYS, resolveRetention } from "./retention.js";
export { setRetention } from "./set-retention.js";
export { readSpace } from "./usage.js";
