/**
 * Columns of a block as they are read back: typed arrays, and texts as ranges of bytes, so that
 * a reader that only copies bytes makes no strings.
 */
export type Values = Numbers | Wide | Sixteen | Texts | Coded | Lists;

/** UInt8, UInt16, UInt32, Int32 and Enum8, by row. */
export interface Numbers {
  readonly kind: "numbers";
  readonly data: Uint8Array | Uint16Array | Uint32Array | Int32Array;
  /** Names of an Enum8 by number. */
  readonly names: ReadonlyMap<number, string> | undefined;
}

/** 64-bit numbers: low and high 32 bits of row r at 2r and 2r + 1. */
export interface Wide {
  readonly kind: "wide";
  readonly words: Uint32Array;
  readonly signed: boolean;
}

/** UUID (two little-endian halves) and IPv6 (network order): 16 bytes a row. */
export interface Sixteen {
  readonly kind: "sixteen";
  readonly bytes: Uint8Array;
  readonly type: "UUID" | "IPv6";
}

/** UTF-8 texts: row r is `bytes` from `starts[r]` to `ends[r]`. */
export interface Texts {
  readonly kind: "texts";
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** LowCardinality(String): a code into the keys of this block. */
export interface Coded {
  readonly kind: "coded";
  readonly keys: Texts;
  readonly codes: Uint8Array | Uint16Array | Uint32Array;
}

/** Arrays: the items of row r end at `ends[r]`, and begin where those of the row before end. */
export interface Lists {
  readonly kind: "lists";
  readonly ends: Uint32Array;
  readonly items: Values;
}

export function textAt(column: Texts, row: number): string {
  return column.bytes.toString("utf8", column.starts[row], column.ends[row]);
}

export function wideAt(column: Wide, row: number): bigint {
  const low = BigInt(column.words[2 * row] ?? 0);
  const high = column.words[2 * row + 1] ?? 0;
  return (BigInt(column.signed ? high | 0 : high) << 32n) | low;
}

/** A value as `FORMAT JSONEachRow` with quoted 64-bit numbers gives it. */
export function jsonAt(column: Values, row: number): unknown {
  switch (column.kind) {
    case "numbers": {
      const value = column.data[row] ?? 0;
      return column.names === undefined ? value : (column.names.get(value) ?? value);
    }
    case "wide":
      return String(wideAt(column, row));
    case "sixteen":
      return column.type === "UUID" ? uuidAt(column, row) : addressAt(column, row);
    case "texts":
      return textAt(column, row);
    case "coded":
      return textAt(column.keys, column.codes[row] ?? 0);
    case "lists": {
      const items: unknown[] = [];
      const end = column.ends[row] ?? 0;
      for (let at = row === 0 ? 0 : (column.ends[row - 1] ?? 0); at < end; at++)
        items.push(jsonAt(column.items, at));
      return items;
    }
  }
}

function uuidAt(column: Sixteen, row: number): string {
  const half = (at: number): string =>
    Buffer.from(column.bytes.subarray(at, at + 8))
      .reverse()
      .toString("hex");
  const hex = half(row * 16) + half(row * 16 + 8);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** As ClickHouse writes it: the longest run of zero groups shortened, IPv4 as `::ffff:a.b.c.d`. */
function addressAt(column: Sixteen, row: number): string {
  const bytes = column.bytes.subarray(row * 16, row * 16 + 16);
  return ipv6Text(bytes);
}

export function ipv6Text(bytes: Uint8Array): string {
  if (isMapped(bytes)) return `::ffff:${bytes.subarray(12, 16).join(".")}`;
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2)
    groups.push(((bytes[at] as number) << 8) | (bytes[at + 1] as number));
  let [best, length] = [-1, 1];
  for (let from = 0; from < 8; from++) {
    let to = from;
    while (to < 8 && groups[to] === 0) to++;
    if (to - from > length) [best, length] = [from, to - from];
    if (to > from) from = to;
  }
  const text = (part: readonly number[]): string =>
    part.map((group) => group.toString(16)).join(":");
  if (best < 0) return text(groups);
  return `${text(groups.slice(0, best))}::${text(groups.slice(best + length))}`;
}

/** Is it an IPv4 address, kept v4-mapped? */
export function isMapped(bytes: Uint8Array, at = 0): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false;
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;
}
