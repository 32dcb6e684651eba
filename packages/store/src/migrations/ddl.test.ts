import { describe, expect, test } from "vitest";
import { DEFAULT_RETENTION } from "../config.js";
import { MIGRATIONS } from "./list.js";

const plain = MIGRATIONS.flatMap((m) => m.statements({ replicated: false }, DEFAULT_RETENTION));
const replicated = MIGRATIONS.flatMap((m) => m.statements({ replicated: true }, DEFAULT_RETENTION));
const created = (statements: string[]): string[] =>
  statements.filter((sql) => sql.startsWith("CREATE TABLE"));

describe("the schema", () => {
  test("every table and every rollup remembers the tokens of its blocks", () => {
    expect(created(plain)).toHaveLength(21);
    for (const sql of created(plain))
      expect(sql).toContain("non_replicated_deduplication_window = 10000");
    for (const sql of created(replicated)) {
      expect(sql).toMatch(/ENGINE = Replicated(Replacing|Aggregating)?MergeTree\(/);
      expect(sql).toContain("replicated_deduplication_window = 10000");
      expect(sql).toContain("replicated_deduplication_window_seconds = 604800");
    }
  });

  test("retention drops whole parts", () => {
    const byRow =
      /EXISTS (object_(versions|watches)|problems|removals|(dns|audit)_findings|correlator_state) /;
    for (const sql of created(plain).filter((text) => text.includes("\nTTL ")))
      if (!byRow.test(sql)) expect(sql).toContain("ttl_only_drop_parts = 1");
    expect(plain[0]).toContain("TTL stored_on + toIntervalDay(if(kept_long = 1, 30, 7))");
  });

  test("statements can be run again after half a migration", () => {
    for (const sql of plain)
      expect(sql).toMatch(/^CREATE (TABLE|MATERIALIZED VIEW) IF NOT EXISTS /);
  });

  test("tables on a cluster", () => {
    const short = (name: string): string | undefined =>
      created(replicated).find((sql) => sql.startsWith(`CREATE TABLE IF NOT EXISTS ${name} (`));
    expect(short("identities")).toMatchInlineSnapshot(`
      "CREATE TABLE IF NOT EXISTS identities (
        key UInt64 COMMENT 'Hash of cluster and labels, never 0.' CODEC(ZSTD(1)),
        cluster LowCardinality(String) CODEC(ZSTD(1)),
        identity UInt32 COMMENT 'Numeric identity at first sight; 0 for node labels.' CODEC(ZSTD(1)),
        labels Array(String) COMMENT 'In the order of the sender.' CODEC(ZSTD(1)),
        seen_at DateTime64(3, 'UTC') COMMENT 'Newest sighting.' CODEC(ZSTD(1)),
        batch UInt64 CODEC(ZSTD(1))
      ) ENGINE = ReplicatedReplacingMergeTree(seen_at)
      ORDER BY key
      SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800"
    `);
    expect(short("drops_1m")).toMatchInlineSnapshot(`
      "CREATE TABLE IF NOT EXISTS drops_1m (
        minute DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
        verdict UInt8 COMMENT 'VERDICTS; every verdict is kept, so the mix is here too.',
        drop_reason UInt16,
        event_type Int32 COMMENT 'A denied packet is told twice: as a drop (1) and as a policy verdict (5).',
        direction UInt8,
        node LowCardinality(String),
        src_namespace LowCardinality(String),
        dst_namespace LowCardinality(String),
        count SimpleAggregateFunction(sum, UInt64) COMMENT 'Flows, weighted.' CODEC(T64, ZSTD(1)),
        first_seen SimpleAggregateFunction(min, DateTime64(9, 'UTC')) CODEC(Delta(8), ZSTD(1)),
        last_seen SimpleAggregateFunction(max, DateTime64(9, 'UTC')) CODEC(Delta(8), ZSTD(1)),
        stored_on SimpleAggregateFunction(max, Date) COMMENT 'Retention counts from here.'
      ) ENGINE = ReplicatedAggregatingMergeTree()
      PARTITION BY toDate(minute)
      ORDER BY (minute, verdict, drop_reason, event_type, direction, node, src_namespace, dst_namespace)
      TTL stored_on + toIntervalDay(90)
      SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800, ttl_only_drop_parts = 1"
    `);
  });
});
