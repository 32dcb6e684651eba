import type { Column } from "./column.js";

/** Filters with a name; see `SavedView` in the model. They stay until their owner deletes them. */
export const SAVED_VIEW_COLUMNS = [
  { name: "owner", type: "String", from: [], comment: "Name of the viewer." },
  { name: "name", type: "String", from: [], comment: "" },
  { name: "version", type: "UInt64", from: [], comment: "The highest counts." },
  { name: "deleted", type: "UInt8", from: [], comment: "1: it was taken away." },
  { name: "place", type: "LowCardinality(String)", from: [], comment: "Of the page." },
  { name: "filter", type: "String", from: [], comment: "As it was typed." },
  { name: "since", type: "String", from: [], comment: "A time or an age; empty: live." },
  { name: "until", type: "String", from: [], comment: "" },
  { name: "saved_at", type: "DateTime64(3, 'UTC')", from: [], comment: "" },
] as const satisfies readonly Column[];
