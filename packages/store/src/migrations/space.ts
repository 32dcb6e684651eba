import type { Retention } from "../config.js";
import { REMOVAL_COLUMNS, STORE_SETTING_COLUMNS } from "../schema/space.js";
import { columnDdl, ttlOf, type TableShape } from "./ddl.js";

/** What a store remembers about itself, and what was removed from it to keep a bound. */
export function spaceTables(retention: Retention): TableShape[] {
  return [
    {
      name: "store_settings",
      columns: STORE_SETTING_COLUMNS.map(columnDdl),
      engine: "ReplacingMergeTree(version)",
      orderBy: "name",
    },
    {
      name: "removals",
      columns: REMOVAL_COLUMNS.map(columnDdl),
      engine: "ReplacingMergeTree(version)",
      orderBy: "id",
      ttl: ttlOf(retention)["removals"] as string,
      expiresByRow: true,
    },
  ];
}
