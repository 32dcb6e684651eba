import { DEDUPLICATION_WINDOW, type Retention } from "../config.js";
import { quote } from "../engine/sql-text.js";
import type { Column } from "../schema/column.js";

/** Whether tables are replicated: on a cluster their engines keep their blocks in Keeper. */
export interface Layout {
  replicated: boolean;
}

/** What a table is, apart from its columns. */
export interface TableShape {
  name: string;
  columns: readonly string[];
  /** Engine without `Replicated`, with its arguments: `ReplacingMergeTree(seen_at)`. */
  engine: string;
  partitionBy?: string;
  orderBy: string;
  ttl?: string;
  /** Rows expire one by one, where parts cannot hold rows of one age. */
  expiresByRow?: boolean;
  settings?: readonly string[];
}

export function columnDdl(column: Column): string {
  const comment = column.comment === "" ? "" : ` COMMENT ${quote(column.comment)}`;
  return `${column.name} ${column.type}${comment} CODEC(${column.codec ?? "ZSTD(1)"})`;
}

/**
 * Every table and every rollup remembers the tokens of its last blocks: without it a batch
 * whose answer was lost is counted twice (the default window of a plain table is 0).
 */
function windowSettings(layout: Layout): string[] {
  return layout.replicated
    ? [
        `replicated_deduplication_window = ${DEDUPLICATION_WINDOW}`,
        "replicated_deduplication_window_seconds = 604800",
      ]
    : [`non_replicated_deduplication_window = ${DEDUPLICATION_WINDOW}`];
}

export function engineDdl(engine: string, layout: Layout): string {
  if (!layout.replicated) return engine.includes("(") ? engine : `${engine}()`;
  // Path and replica come from the server's macros: default_replica_path, {uuid}, {shard}, {replica}.
  return `Replicated${engine.includes("(") ? engine : `${engine}()`}`;
}

export function tableDdl(shape: TableShape, layout: Layout): string {
  const settings = [
    ...windowSettings(layout),
    ...(shape.ttl === undefined || shape.expiresByRow === true ? [] : ["ttl_only_drop_parts = 1"]),
    ...(shape.settings ?? []),
  ];
  return [
    `CREATE TABLE IF NOT EXISTS ${shape.name} (`,
    shape.columns.map((column) => `  ${column}`).join(",\n"),
    `) ENGINE = ${engineDdl(shape.engine, layout)}`,
    ...(shape.partitionBy === undefined ? [] : [`PARTITION BY ${shape.partitionBy}`]),
    `ORDER BY ${shape.orderBy}`,
    ...(shape.ttl === undefined ? [] : [`TTL ${shape.ttl}`]),
    `SETTINGS ${settings.join(", ")}`,
  ].join("\n");
}

/** Expressions of the retention, in the form in which ClickHouse prints them again. */
export function ttlOf(retention: Retention): Record<string, string> {
  const raw = `stored_on + toIntervalDay(if(kept_long = 1, ${retention.dropDays}, ${retention.rawDays}))`;
  const rollup = `stored_on + toIntervalDay(${retention.rollupDays})`;
  const longest = Math.max(retention.dropDays, retention.rollupDays);
  return {
    flows: raw,
    gaps: `stored_on + toIntervalDay(${longest})`,
    batches: `toDateTime(stored_at) + toIntervalDay(${longest})`,
    drops_1m: rollup,
    edges_1m: rollup,
    peers_1h: rollup,
    dns_1m: rollup,
    // What still holds never expires; the history of a repository may be older than any retention.
    object_versions: `toDateTime(greatest(valid_to, observed_at)) + toIntervalDay(${retention.policyDays})`,
    explanations: `stored_on + toIntervalDay(${retention.dropDays})`,
    problem_minutes: `stored_on + toIntervalDay(${retention.problemDays})`,
    problems: `toDateTime(landed_at) + toIntervalDay(${retention.problemDays})`,
    dns_findings: `toDateTime(landed_at) + toIntervalDay(${retention.problemDays})`,
    audit_findings: `toDateTime(landed_at) + toIntervalDay(${retention.problemDays})`,
    correlator_state: `toDateTime(written_at) + toIntervalDay(${longest})`,
    object_watches: `toDateTime(observed_at) + toIntervalDay(${retention.policyDays})`,
    removals: `toDateTime(at) + toIntervalDay(${longest})`,
  };
}
