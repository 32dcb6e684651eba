export type { Epoch, Question, Window } from "./around.js";
export {
  createCatalog,
  type Catalog,
  type CatalogOptions,
  type CatalogStats,
  type Revisions,
} from "./catalog.js";
export type {
  CatalogObject,
  CatalogRecord,
  Change,
  Listed,
  ObjectId,
  ObjectKind,
  ObjectVersion,
} from "./objects.js";
export { openWorkloads } from "./open-workloads.js";
export type { ObjectChange } from "./store.js";
export type { CatalogView } from "./view.js";
