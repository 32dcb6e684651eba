import type { Column } from "./column.js";

/** What a store remembers about itself; the newest row of a name counts. */
export const STORE_SETTING_COLUMNS = [
  { name: "name", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "version", type: "UInt64", from: [], comment: "The highest counts." },
  { name: "value", type: "String", from: [], comment: "Empty: it is not set any more." },
  { name: "by", type: "String", from: [], comment: "Who set it." },
  { name: "at", type: "DateTime64(3, 'UTC')", from: [], comment: "By the clock of the store." },
] as const satisfies readonly Column[];

/** Partitions that were dropped to keep the disk bound: written before one goes, and once more after. */
export const REMOVAL_COLUMNS = [
  { name: "id", type: "UUID", from: [], comment: "" },
  { name: "version", type: "UInt64", from: [], comment: "The highest counts." },
  {
    name: "state",
    type: "Enum8('removing' = 1, 'removed' = 2)",
    from: [],
    comment: "A drop that a kill interrupted is finished at the next look.",
  },
  { name: "by", type: "String", from: [], comment: "Process that removes it." },
  { name: "class", type: "LowCardinality(String)", from: [], comment: "RETENTION_CLASSES." },
  { name: "table_name", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "partition_id", type: "String", from: [], comment: "" },
  { name: "day", type: "Date", from: [], comment: "Of the partition, UTC." },
  { name: "rows", type: "UInt64", from: [], comment: "" },
  { name: "bytes", type: "UInt64", from: [], comment: "On disk, compressed." },
  { name: "bound", type: "UInt64", from: [], comment: "Bytes that the store may hold." },
  { name: "used", type: "UInt64", from: [], comment: "Bytes that it held." },
  { name: "at", type: "DateTime64(3, 'UTC')", from: [], comment: "When it was decided." },
] as const satisfies readonly Column[];
