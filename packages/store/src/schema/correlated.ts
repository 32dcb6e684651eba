import type { Column } from "./column.js";

/**
 * Why each drop was dropped, one row a flow. The rows of a batch come in one insert and are
 * never written anew: they are what everything else about drops is counted from.
 */
export const EXPLANATION_COLUMNS = [
  {
    name: "stored_on",
    type: "Date",
    from: [],
    comment: "Day on which the batch of the flow landed; retention counts from here.",
  },
  { name: "batch", type: "UInt64", from: [], comment: "" },
  {
    name: "time",
    type: "DateTime64(9, 'UTC')",
    from: [],
    comment: "Of the flow.",
    codec: "Delta(8), ZSTD(1)",
  },
  {
    name: "uuid",
    type: "UUID",
    from: [],
    comment: "Of the flow, or what stands for it in `flows`.",
  },
  { name: "problem", type: "UInt64", from: [], comment: "" },
  {
    name: "told",
    type: "Enum8('drop' = 0, 'verdict' = 1)",
    from: [],
    comment: "A denied packet is told twice.",
  },
  { name: "weight", type: "UInt32", from: [], comment: "Flows that the row stands for." },
  { name: "outcome", type: "LowCardinality(String)", from: [], comment: "DROP_OUTCOMES." },
  { name: "agreement", type: "LowCardinality(String)", from: [], comment: "AGREEMENTS." },
  { name: "src_namespace", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "dst_namespace", type: "LowCardinality(String)", from: [], comment: "" },
  {
    name: "pod",
    type: "LowCardinality(String)",
    from: [],
    comment: "Who is affected: `namespace/name`.",
  },
  {
    name: "peer",
    type: "LowCardinality(String)",
    from: [],
    comment: "Far end: `namespace/name`, DNS name or address.",
  },
  { name: "node", type: "LowCardinality(String)", from: [], comment: "" },
  {
    name: "explanation",
    type: "LowCardinality(String)",
    from: [],
    comment: "DropExplanation as JSON, without uuid and time: equal for equal drops.",
  },
] as const satisfies readonly Column[];

/** What a problem is and was last; how often it happened is in `problem_minutes`. */
export const PROBLEM_COLUMNS = [
  { name: "id", type: "UInt64", from: [], comment: "Hash of what folds." },
  { name: "version", type: "UInt64", from: [], comment: "The highest counts." },
  {
    name: "families",
    type: "Array(UInt64)",
    from: [],
    comment: "Coarser keys that it belongs to.",
  },
  { name: "outcome", type: "LowCardinality(String)", from: [], comment: "DROP_OUTCOMES." },
  { name: "src_namespace", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "dst_namespace", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "first_seen", type: "DateTime64(9, 'UTC')", from: [], comment: "Of the flows." },
  { name: "last_seen", type: "DateTime64(9, 'UTC')", from: [], comment: "Of the flows." },
  {
    name: "sighted_at",
    type: "DateTime64(3, 'UTC')",
    from: [],
    comment: "As `last_seen`, but not later than the flow landed: clocks of nodes run ahead.",
  },
  {
    name: "landed_at",
    type: "DateTime64(3, 'UTC')",
    from: [],
    comment: "When the newest batch with it landed.",
  },
  { name: "record", type: "String", from: [], comment: "ProblemRecord as JSON.", codec: "ZSTD(3)" },
] as const satisfies readonly Column[];

/** How often a problem happened in each minute. */
export const PROBLEM_MINUTE_COLUMNS = [
  { name: "problem", type: "UInt64", from: [], comment: "" },
  { name: "minute", type: "DateTime('UTC')", from: [], comment: "", codec: "Delta(4), ZSTD(1)" },
  {
    name: "drops",
    type: "SimpleAggregateFunction(sum, UInt64)",
    from: [],
    comment: "Told as drops, weighted.",
    codec: "T64, ZSTD(1)",
  },
  {
    name: "verdicts",
    type: "SimpleAggregateFunction(sum, UInt64)",
    from: [],
    comment: "Told as policy verdicts, weighted.",
    codec: "T64, ZSTD(1)",
  },
  {
    name: "stored_on",
    type: "SimpleAggregateFunction(max, Date)",
    from: [],
    comment: "Retention counts from here.",
  },
] as const satisfies readonly Column[];

export const DNS_FINDING_COLUMNS = [
  { name: "id", type: "String", from: [], comment: "Equal for what is found again." },
  { name: "version", type: "UInt64", from: [], comment: "The highest counts." },
  { name: "rule", type: "LowCardinality(String)", from: [], comment: "DNS_RULES." },
  { name: "severity", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "client_namespace", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "server_namespace", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "first_seen", type: "DateTime64(9, 'UTC')", from: [], comment: "" },
  { name: "last_seen", type: "DateTime64(9, 'UTC')", from: [], comment: "" },
  { name: "landed_at", type: "DateTime64(3, 'UTC')", from: [], comment: "When it was last told." },
  {
    name: "finding",
    type: "String",
    from: [],
    comment: "DnsFinding as JSON; empty when it was contradicted later.",
    codec: "ZSTD(3)",
  },
] as const satisfies readonly Column[];

export const AUDIT_FINDING_COLUMNS = [
  { name: "id", type: "String", from: [], comment: "Equal for what is found again." },
  { name: "version", type: "UInt64", from: [], comment: "The highest counts." },
  { name: "subject_namespace", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "peer_namespace", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "last_seen", type: "DateTime64(9, 'UTC')", from: [], comment: "" },
  { name: "landed_at", type: "DateTime64(3, 'UTC')", from: [], comment: "When it was last told." },
  { name: "finding", type: "String", from: [], comment: "AuditFinding as JSON.", codec: "ZSTD(3)" },
] as const satisfies readonly Column[];

/** What the correlator must remember over a restart, and who it is. */
export const CORRELATOR_STATE_COLUMNS = [
  {
    name: "name",
    type: "LowCardinality(String)",
    from: [],
    comment: "`cursor`, `dns`, `lease/…`.",
  },
  { name: "version", type: "UInt64", from: [], comment: "The highest counts." },
  { name: "value", type: "String", from: [], comment: "JSON." },
  {
    name: "written_at",
    type: "DateTime64(3, 'UTC')",
    from: [],
    comment: "By the clock of the store.",
  },
] as const satisfies readonly Column[];
