import type { PlainRecord } from "./record.js";

/** Where the children of each container stand: offsets into the text, by key or by index. */
export type Offsets = Map<object, Readonly<Record<string, number>> | readonly number[]>;

/** A document's data, and where everything in it stands. */
export interface Tree {
  readonly value: unknown;
  /** Of the document's content. */
  readonly start: number;
  readonly offsets: Offsets;
  /** Keys that stand twice in one map, by offset of the later one. The last one counts, as in the API server. */
  readonly repeated: readonly { readonly key: string; readonly offset: number }[];
}

/** Why a document cannot be read. */
export class UnreadableDocument extends Error {
  constructor(
    readonly code: "YAML" | "TOO_LARGE" | "TOO_DEEP",
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

/** Containers within containers; API objects stay far below it. */
export const MAX_DEPTH = 64;

/** UTF-16 units of one document; the API server takes no object as large. */
export const MAX_DOCUMENT = 1 << 20;

export type { PlainRecord };
