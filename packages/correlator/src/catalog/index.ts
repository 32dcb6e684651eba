export { catalogOfPast } from "./catalog-of-past.js";
export {
  createFolderSource,
  fileLabels,
  type FolderSource,
  type FolderSourceOptions,
} from "./folder/index.js";
export * from "./git/index.js";
export * from "./kubernetes/index.js";
export { createLiveCatalog, type LiveCatalog, type LiveCatalogOptions } from "./live.js";
export { catalogObjects } from "./objects.js";
export { storePast, type PastOptions, type StoredPast } from "./store-past.js";
export type { CatalogSource, Observed, SourceChange } from "./source.js";
