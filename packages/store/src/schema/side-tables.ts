import type { Column } from "./column.js";

/** Label sets, once each: flows carry the key. Merged by key, so repeats cost nothing. */
export const IDENTITY_COLUMNS = [
  { name: "key", type: "UInt64", from: [], comment: "Hash of cluster and labels, never 0." },
  { name: "cluster", type: "LowCardinality(String)", from: [], comment: "" },
  {
    name: "identity",
    type: "UInt32",
    from: [],
    comment: "Numeric identity at first sight; 0 for node labels.",
  },
  {
    name: "labels",
    type: "Array(String)",
    from: ["source.labels", "destination.labels", "node_labels"],
    comment: "In the order of the sender.",
  },
  { name: "seen_at", type: "DateTime64(3, 'UTC')", from: [], comment: "Newest sighting." },
  { name: "batch", type: "UInt64", from: [], comment: "" },
] as const satisfies readonly Column[];

/** Policies that the data path named, once each. */
export const POLICY_REF_COLUMNS = [
  { name: "key", type: "UInt64", from: [], comment: "Hash of the whole reference, never 0." },
  { name: "name", type: "String", from: [], comment: "" },
  { name: "namespace", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "kind", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "revision", type: "UInt64", from: [], comment: "" },
  { name: "labels", type: "Array(String)", from: [], comment: "" },
  { name: "seen_at", type: "DateTime64(3, 'UTC')", from: [], comment: "Newest sighting." },
  { name: "batch", type: "UInt64", from: [], comment: "" },
] as const satisfies readonly Column[];

/** Known absences; see `Gap` in the model. */
export const GAP_COLUMNS = [
  { name: "time", type: "DateTime64(9, 'UTC')", from: [], comment: "When it was reported." },
  { name: "batch", type: "UInt64", from: [], comment: "" },
  { name: "stored_on", type: "Date", from: [], comment: "Retention counts from here." },
  {
    name: "id",
    type: "UUID",
    from: [],
    comment: "Hash of (node, cause, from, to, count, time): Hubble repeats losses after a resume.",
  },
  { name: "node", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "cause", type: "LowCardinality(String)", from: [], comment: "GAP_CAUSES." },
  {
    name: "source",
    type: "Int32",
    from: [],
    comment: "LOST_EVENT_SOURCES number of a lost_events message; -1 for other causes.",
  },
  { name: "count", type: "UInt64", from: [], comment: "Events lost; 0 when unknown." },
  { name: "lost_from", type: "Nullable(DateTime64(9, 'UTC'))", from: [], comment: "" },
  { name: "lost_to", type: "Nullable(DateTime64(9, 'UTC'))", from: [], comment: "" },
  { name: "cpu", type: "Nullable(Int32)", from: [], comment: "" },
  { name: "message", type: "String", from: [], comment: "" },
] as const satisfies readonly Column[];

export const SPOOLED_TABLES = ["identities", "policy_refs", "gaps", "flows"] as const;
/** Tables that arrive through the spool, in the order of insertion: what flows point at comes first. */
export type SpooledTable = (typeof SPOOLED_TABLES)[number];
