import type { Column } from "./column.js";

/**
 * What policies, pods and namespaces were, and from when to when. A version is written
 * when it begins and once more when it ends: the later row replaces the earlier one.
 */
export const OBJECT_VERSION_COLUMNS = [
  { name: "kind", type: "LowCardinality(String)", from: [], comment: "" },
  {
    name: "namespace",
    type: "LowCardinality(String)",
    from: [],
    comment: "Empty for objects of the cluster.",
  },
  { name: "name", type: "String", from: [], comment: "" },
  {
    name: "valid_from",
    type: "DateTime64(6, 'UTC')",
    from: [],
    comment: "1970-01-01: since nobody knows when.",
  },
  { name: "uid", type: "String", from: [], comment: "Empty when the source has none." },
  {
    name: "valid_to",
    type: "DateTime64(6, 'UTC')",
    from: [],
    comment: "2100-01-01: it still holds.",
  },
  { name: "content", type: "String", from: [], comment: "Hash of what it says: object_contents." },
  { name: "resource_version", type: "String", from: [], comment: "" },
  { name: "source", type: "LowCardinality(String)", from: [], comment: "Who told." },
  { name: "observed_at", type: "DateTime64(6, 'UTC')", from: [], comment: "" },
] as const satisfies readonly Column[];

/** What versions say, once each: policies that flap come back to the same content. */
export const OBJECT_CONTENT_COLUMNS = [
  { name: "hash", type: "String", from: [], comment: "" },
  { name: "spec", type: "String", from: [], comment: "Normal form, as JSON." },
  {
    name: "manifest",
    type: "String",
    from: [],
    comment: "As it was written, in YAML; only of policies and what they refer to.",
    codec: "ZSTD(3)",
  },
  { name: "seen_at", type: "DateTime64(3, 'UTC')", from: [], comment: "Newest use." },
] as const satisfies readonly Column[];

/** When all objects of a kind were known: from a full list until the last sign of life. */
export const OBJECT_WATCH_COLUMNS = [
  { name: "source", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "kind", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "listed_at", type: "DateTime64(6, 'UTC')", from: [], comment: "" },
  { name: "watched_until", type: "DateTime64(6, 'UTC')", from: [], comment: "" },
  {
    name: "observed_at",
    type: "DateTime64(6, 'UTC')",
    from: [],
    comment: "Retention counts from here.",
  },
] as const satisfies readonly Column[];
