/**
 * Takes a Native body apart by rows, for the search of a poison row and for reading a few
 * columns back. Knows the types of our own tables and nothing else.
 */

type Layout =
  | { kind: "fixed"; width: number }
  | { kind: "text" }
  | { kind: "dictionary" }
  | { kind: "array"; of: Layout }
  | { kind: "nullable"; of: Layout };

const WIDTHS: Readonly<Record<string, number>> = {
  UInt8: 1,
  Int8: 1,
  Enum8: 1,
  UInt16: 2,
  Int16: 2,
  Date: 2,
  UInt32: 4,
  Int32: 4,
  DateTime: 4,
  UInt64: 8,
  Int64: 8,
  DateTime64: 8,
  UUID: 16,
  IPv6: 16,
};

function layoutOf(type: string): Layout {
  const inner = /^(Array|Nullable|LowCardinality)\((.*)\)$/.exec(type);
  if (inner?.[1] === "Array") return { kind: "array", of: layoutOf(inner[2]!) };
  if (inner?.[1] === "Nullable") return { kind: "nullable", of: layoutOf(inner[2]!) };
  if (inner?.[2] === "String") return { kind: "dictionary" };
  if (type === "String") return { kind: "text" };
  const width = WIDTHS[type.split("(")[0]!];
  if (width === undefined) throw new Error(`cannot take a column of type ${type} apart`);
  return { kind: "fixed", width };
}

class Cursor {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 49; shift += 7) {
      const byte = this.bytes.readUInt8(this.at++);
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new Error("a number is too long");
  }

  u64(): number {
    const value = Number(this.bytes.readBigUInt64LE(this.at));
    this.at += 8;
    return value;
  }

  take(length: number): Buffer {
    const end = this.at + length;
    if (length < 0 || end > this.bytes.length) throw new Error("the block ends too early");
    const piece = this.bytes.subarray(this.at, end);
    this.at = end;
    return piece;
  }

  text(): string {
    return this.take(this.varint()).toString("utf8");
  }

  skipTexts(count: number): Buffer {
    const start = this.at;
    for (let i = 0; i < count; i++) this.take(this.varint());
    return this.bytes.subarray(start, this.at);
  }
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let left = value;
  while (left > 127) {
    out.push((left % 128) | 128);
    left = Math.floor(left / 128);
  }
  out.push(left);
  return Buffer.from(out);
}

function u64(value: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt(value));
  return out;
}

/** What stands once before the data of a column, also of a nested one. */
function prefix(layout: Layout, from: Cursor): Buffer {
  if (layout.kind === "array" || layout.kind === "nullable") return prefix(layout.of, from);
  return layout.kind === "dictionary" ? from.take(8) : Buffer.alloc(0);
}

/** Reads the data of `rows` rows and gives that of the rows [start, end). */
function cut(layout: Layout, from: Cursor, rows: number, start: number, end: number): Buffer[] {
  if (rows === 0) return [];
  switch (layout.kind) {
    case "fixed": {
      const all = from.take(rows * layout.width);
      return [all.subarray(start * layout.width, end * layout.width)];
    }
    case "text": {
      from.skipTexts(start);
      const piece = from.skipTexts(end - start);
      from.skipTexts(rows - end);
      return [piece];
    }
    case "nullable":
      return [from.take(rows).subarray(start, end), ...cut(layout.of, from, rows, start, end)];
    case "array": {
      const ends = from.take(rows * 8);
      const total = Number(ends.readBigUInt64LE((rows - 1) * 8));
      const first = start === 0 ? 0 : Number(ends.readBigUInt64LE((start - 1) * 8));
      const last = end === 0 ? 0 : Number(ends.readBigUInt64LE((end - 1) * 8));
      const mine = Buffer.from(ends.subarray(start * 8, end * 8));
      for (let at = 0; at < mine.length; at += 8)
        mine.writeBigUInt64LE(mine.readBigUInt64LE(at) - BigInt(first), at);
      return [mine, ...cut(layout.of, from, total, first, last)];
    }
    case "dictionary": {
      const flags = from.take(8);
      const width = 1 << flags[0]!;
      const keys = from.u64();
      const texts = from.skipTexts(keys);
      const count = from.u64();
      const codes = from.take(count * width).subarray(start * width, end * width);
      if (start === end) return [];
      // The whole dictionary goes along; the store keeps only what is used.
      return [flags, u64(keys), texts, u64(end - start), codes];
    }
  }
}

/** Rows in a body, which may be several blocks. */
export function countRows(body: Uint8Array): number {
  let rows = 0;
  for (const block of blocksOf(body)) rows += block.rows;
  return rows;
}

interface BlockSpan {
  rows: number;
  start: number;
  end: number;
}

/** Where the blocks of a body lie. @throws Error when it is not a whole Native body of our types. */
export function blocksOf(body: Uint8Array): BlockSpan[] {
  const spans: BlockSpan[] = [];
  const from = new Cursor(body);
  while (from.at < body.length) {
    const start = from.at;
    const columns = from.varint();
    const rows = from.varint();
    for (let i = 0; i < columns; i++) {
      from.text();
      const layout = layoutOf(from.text());
      if (rows === 0) continue;
      prefix(layout, from);
      cut(layout, from, rows, 0, rows);
    }
    spans.push({ rows, start, end: from.at });
  }
  return spans;
}

/** A body with the rows [start, end) of one block. */
export function sliceRows(block: Uint8Array, start: number, end: number): Buffer {
  const from = new Cursor(block);
  const columns = from.varint();
  const rows = from.varint();
  if (start < 0 || end > rows || start >= end) throw new Error(`no rows ${start} to ${end}`);
  const out: Buffer[] = [varint(columns), varint(end - start)];
  for (let i = 0; i < columns; i++) {
    const name = from.at;
    from.text();
    const layout = layoutOf(from.text());
    out.push(from.bytes.subarray(name, from.at), prefix(layout, from));
    out.push(...cut(layout, from, rows, start, end));
  }
  return Buffer.concat(out);
}

/** The data of columns of fixed width, by name: `width` bytes a row, as the store keeps them. */
export function fixedColumns(body: Uint8Array, names: readonly string[]): Map<string, Buffer> {
  const found = new Map<string, Buffer[]>();
  const from = new Cursor(body);
  while (from.at < body.length) {
    const columns = from.varint();
    const rows = from.varint();
    for (let i = 0; i < columns; i++) {
      const name = from.text();
      const layout = layoutOf(from.text());
      if (rows === 0) continue;
      prefix(layout, from);
      const data = cut(layout, from, rows, 0, rows);
      if (!names.includes(name) || layout.kind !== "fixed") continue;
      found.set(name, [...(found.get(name) ?? []), ...data]);
    }
  }
  return new Map([...found].map(([name, data]) => [name, Buffer.concat(data)]));
}
