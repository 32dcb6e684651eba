export {
  checkHistory,
  createFolderSource,
  readHistory,
  type FolderSource,
  type FolderSourceOptions,
} from "./folder/index.js";
export * from "./kubernetes/index.js";
export { createLiveCatalog, type LiveCatalog, type LiveCatalogOptions } from "./live.js";
export { catalogObjects } from "./objects.js";
export type { CatalogSource, Observed, SourceChange } from "./source.js";
