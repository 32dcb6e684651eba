import type { Retention } from "../config.js";
import { FLOW_COLUMNS } from "../schema/flows.js";
import { GAP_COLUMNS, IDENTITY_COLUMNS, POLICY_REF_COLUMNS } from "../schema/side-tables.js";
import { columnDdl, ttlOf, type TableShape } from "./ddl.js";

const INDEXES = [
  // The hour in the sorting key does not prune by time; without this a ten-minute search reads the day.
  "INDEX by_time time TYPE minmax GRANULARITY 1",
  "INDEX by_batch batch TYPE minmax GRANULARITY 1",
  "INDEX by_src_pod src_pod TYPE bloom_filter(0.01) GRANULARITY 1",
  "INDEX by_dst_pod dst_pod TYPE bloom_filter(0.01) GRANULARITY 1",
  "INDEX by_uuid uuid TYPE bloom_filter(0.01) GRANULARITY 1",
];

/** The ledger: a row is written once all blocks of a batch are in, and makes the batch visible. */
export const BATCH_COLUMNS = [
  "batch UInt64 COMMENT 'Stands in the column batch of every row.' CODEC(Delta(8), ZSTD(1))",
  "writer LowCardinality(String) COMMENT 'Spool that delivered it.'",
  "flows UInt32",
  "bytes UInt64 COMMENT 'Of the sealed file.'",
  "min_time DateTime64(9, 'UTC')",
  "max_time DateTime64(9, 'UTC')",
  "sealed_at DateTime64(3, 'UTC') COMMENT 'When the batch was acknowledged.'",
  "stored_at DateTime64(9, 'UTC') DEFAULT now64(9, 'UTC') COMMENT 'When it became visible; the cursor of a tail.'",
];

export function tables(retention: Retention): TableShape[] {
  const ttl = ttlOf(retention);
  return [
    {
      name: "flows",
      columns: [...FLOW_COLUMNS.map(columnDdl), ...INDEXES],
      engine: "MergeTree",
      partitionBy: "(toDate(time), kept_long)",
      orderBy:
        "(toStartOfHour(time), dst_namespace, dst_workload, src_namespace, src_workload, time)",
      ttl: ttl["flows"] as string,
      // A fresh batch in one file of columns costs half the CPU and a fraction of the memory of
      // a file and two buffers for each of a hundred columns; merged parts are wide again.
      settings: ["min_bytes_for_wide_part = 134217728"],
    },
    {
      name: "identities",
      columns: IDENTITY_COLUMNS.map(columnDdl),
      engine: "ReplacingMergeTree(seen_at)",
      orderBy: "key",
    },
    {
      name: "policy_refs",
      columns: POLICY_REF_COLUMNS.map(columnDdl),
      engine: "ReplacingMergeTree(seen_at)",
      orderBy: "key",
    },
    {
      name: "gaps",
      columns: GAP_COLUMNS.map(columnDdl),
      engine: "ReplacingMergeTree",
      partitionBy: "toYYYYMM(stored_on)",
      orderBy: "(time, id)",
      ttl: ttl["gaps"] as string,
    },
    {
      name: "batches",
      columns: BATCH_COLUMNS,
      engine: "MergeTree",
      partitionBy: "toYYYYMM(stored_at)",
      orderBy: "(stored_at, batch)",
      ttl: ttl["batches"] as string,
    },
  ];
}
