import type { Retention } from "../config.js";
import {
  OBJECT_CONTENT_COLUMNS,
  OBJECT_VERSION_COLUMNS,
  OBJECT_WATCH_COLUMNS,
} from "../schema/objects.js";
import { columnDdl, ttlOf, type TableShape } from "./ddl.js";

/**
 * Versions of objects. Not partitioned, since a row that replaces another must lie in the
 * same partition; so single rows expire rather than parts. What still holds never does.
 */
export function objectTables(retention: Retention): TableShape[] {
  const ttl = ttlOf(retention);
  return [
    {
      name: "object_versions",
      columns: [
        ...OBJECT_VERSION_COLUMNS.map(columnDdl),
        "INDEX by_end valid_to TYPE minmax GRANULARITY 1",
      ],
      engine: "ReplacingMergeTree(observed_at)",
      orderBy: "(kind, namespace, name, valid_from, uid)",
      ttl: ttl["object_versions"] as string,
      expiresByRow: true,
    },
    {
      // No TTL: a content lives as long as a version points at it; see `forgetContents`.
      name: "object_contents",
      columns: OBJECT_CONTENT_COLUMNS.map(columnDdl),
      engine: "ReplacingMergeTree(seen_at)",
      orderBy: "hash",
    },
    {
      name: "object_watches",
      columns: OBJECT_WATCH_COLUMNS.map(columnDdl),
      engine: "ReplacingMergeTree(watched_until)",
      orderBy: "(source, kind, listed_at)",
      ttl: ttl["object_watches"] as string,
      expiresByRow: true,
    },
  ];
}
