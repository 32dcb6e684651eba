import type { Retention } from "../config.js";
import {
  AUDIT_FINDING_COLUMNS,
  CORRELATOR_STATE_COLUMNS,
  DNS_FINDING_COLUMNS,
  EXPLANATION_COLUMNS,
  PROBLEM_COLUMNS,
  PROBLEM_MINUTE_COLUMNS,
} from "../schema/correlated.js";
import { columnDdl, ttlOf, type TableShape } from "./ddl.js";

/** Tables of what the correlator knows. */
export function correlatedTables(retention: Retention): TableShape[] {
  const ttl = ttlOf(retention);
  return [
    {
      name: "explanations",
      columns: [
        ...EXPLANATION_COLUMNS.map(columnDdl),
        "INDEX by_batch batch TYPE minmax GRANULARITY 1",
        "INDEX by_uuid uuid TYPE bloom_filter(0.01) GRANULARITY 1",
      ],
      engine: "MergeTree",
      // A batch has one day of landing, so its rows are one part: all of them are there or none.
      partitionBy: "stored_on",
      orderBy: "(problem, time, uuid)",
      ttl: ttl["explanations"] as string,
    },
    {
      name: "problem_minutes",
      columns: PROBLEM_MINUTE_COLUMNS.map(columnDdl),
      engine: "AggregatingMergeTree",
      partitionBy: "toYYYYMM(minute)",
      orderBy: "(problem, minute)",
      ttl: ttl["problem_minutes"] as string,
    },
    {
      name: "problems",
      columns: PROBLEM_COLUMNS.map(columnDdl),
      engine: "ReplacingMergeTree(version)",
      orderBy: "id",
      ttl: ttl["problems"] as string,
      expiresByRow: true,
    },
    {
      name: "dns_findings",
      columns: DNS_FINDING_COLUMNS.map(columnDdl),
      engine: "ReplacingMergeTree(version)",
      orderBy: "id",
      ttl: ttl["dns_findings"] as string,
      expiresByRow: true,
    },
    {
      name: "audit_findings",
      columns: AUDIT_FINDING_COLUMNS.map(columnDdl),
      engine: "ReplacingMergeTree(version)",
      orderBy: "id",
      ttl: ttl["audit_findings"] as string,
      expiresByRow: true,
    },
    {
      name: "correlator_state",
      columns: CORRELATOR_STATE_COLUMNS.map(columnDdl),
      engine: "ReplacingMergeTree(version)",
      orderBy: "name",
      ttl: ttl["correlator_state"] as string,
      expiresByRow: true,
    },
  ];
}
