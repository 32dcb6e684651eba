import type { Retention } from "../config.js";

/**
 * What is kept for a time of its own. `drops` are dropped, failed and audited flows and why each
 * was dropped; `rollups` the counts by minute and hour, known losses and the ledger of batches;
 * `problems` problems and findings; `policies` versions of policies, pods, namespaces and services.
 */
export const RETENTION_CLASSES = ["flows", "drops", "rollups", "problems", "policies"] as const;
export type RetentionClass = (typeof RETENTION_CLASSES)[number];

/** Where the days of a class stand. */
export const DAYS_OF = {
  flows: "rawDays",
  drops: "dropDays",
  rollups: "rollupDays",
  problems: "problemDays",
  policies: "policyDays",
} as const satisfies Readonly<Record<RetentionClass, keyof Retention>>;

/** A table of which the rows of one class are told apart by a condition on its partitions. */
export interface ClassTable {
  readonly table: string;
  readonly class: RetentionClass;
  /** Of `flows`, which holds two classes: value of `kept_long`. */
  readonly keptLong?: 0 | 1;
  /** Column whose least and greatest value say how far back the table reaches. */
  readonly time: string;
  /** One partition a day (UTC) of `time`: a day can be removed. */
  readonly byDay?: boolean;
}

/** Every table that grows, with its class. What has no class is kept as long as something points at it. */
export const CLASS_TABLES: readonly ClassTable[] = [
  { table: "flows", class: "flows", keptLong: 0, time: "time", byDay: true },
  { table: "flows", class: "drops", keptLong: 1, time: "time", byDay: true },
  { table: "explanations", class: "drops", time: "stored_on", byDay: true },
  { table: "edges_1m", class: "rollups", time: "minute", byDay: true },
  { table: "dns_1m", class: "rollups", time: "minute", byDay: true },
  { table: "peers_1h", class: "rollups", time: "hour", byDay: true },
  { table: "drops_1m", class: "rollups", time: "minute", byDay: true },
  { table: "gaps", class: "rollups", time: "time" },
  { table: "batches", class: "rollups", time: "stored_at" },
  { table: "problems", class: "problems", time: "first_seen" },
  { table: "problem_minutes", class: "problems", time: "minute" },
  { table: "dns_findings", class: "problems", time: "first_seen" },
  { table: "audit_findings", class: "problems", time: "last_seen" },
  { table: "object_versions", class: "policies", time: "observed_at" },
  { table: "object_watches", class: "policies", time: "observed_at" },
];
