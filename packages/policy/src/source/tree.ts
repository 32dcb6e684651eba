/** Where the children of each container stand: offsets into the text, by key or by index. */
export type Offsets = Map<object, Readonly<Record<string, number>> | readonly number[]>;

/** A document's data, and where everything in it stands. */
export interface Tree {
  readonly value: unknown;
  /** Of the document's content. */
  readonly start: number;
  readonly offsets: Offsets;
  /** Keys that stand twice in one map, by offset of the later one. The last one counts, as in the API server. */
  readonly repeated: readonly RepeatedKey[];
}

export interface RepeatedKey {
  readonly key: string;
  readonly offset: number;
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

/** UTF-16 units of one object: the API server takes none as large. Items of a List count one by one. */
export const MAX_OBJECT = 1 << 20;

/** UTF-16 units of a List, whose objects may be many. */
export const MAX_LIST = 1 << 26;

/** Containers and scalars of one object, after aliases are expanded: what a YAML bomb multiplies. */
export const MAX_NODES = 100_000;

/** Keys that stand twice are told of up to this number in one document. */
export const MAX_REPEATED = 20;

export function tooDeep(offset: number): UnreadableDocument {
  return new UnreadableDocument("TOO_DEEP", `nested more than ${MAX_DEPTH} deep`, offset);
}

export function tooManyNodes(offset: number): UnreadableDocument {
  return new UnreadableDocument("TOO_LARGE", `more than ${MAX_NODES} values in one object`, offset);
}

export function tooLong(offset: number): UnreadableDocument {
  return new UnreadableDocument("TOO_LARGE", `longer than ${MAX_OBJECT} characters`, offset);
}
