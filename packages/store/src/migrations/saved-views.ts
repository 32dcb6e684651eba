import { SAVED_VIEW_COLUMNS } from "../schema/saved-views.js";
import { columnDdl, type TableShape } from "./ddl.js";

/** Small and without a TTL: what a person has named is the person's to delete. */
export function savedViewTable(): TableShape {
  return {
    name: "saved_views",
    columns: SAVED_VIEW_COLUMNS.map(columnDdl),
    engine: "ReplacingMergeTree(version)",
    orderBy: "(owner, name)",
  };
}
