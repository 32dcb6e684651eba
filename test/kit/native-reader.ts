import type { TableBlock } from "@dropscope/store";

// A small reader of Native blocks, for tests that need no engine. Rows come in the shape that
// `SELECT … FORMAT JSONEachRow` gives with quoted 64-bit integers.

const decoder = new TextDecoder("utf-8", { fatal: true });

class Reader {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.at === this.#bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.#bytes[this.at++]!;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  }

  take(length: number): Buffer {
    if (this.at + length > this.#bytes.length) throw new Error("the block ends too early");
    return this.#bytes.subarray(this.at, (this.at += length));
  }

  /** Texts in the store are UTF-8: anything else throws. */
  text(): string {
    return decoder.decode(this.take(this.varint()));
  }

  u64(): bigint {
    return this.take(8).readBigUInt64LE();
  }
}

type Read = (r: Reader, rows: number) => unknown[];

const each =
  (one: (r: Reader) => unknown): Read =>
  (r, rows) =>
    Array.from({ length: rows }, () => one(r));

function uuid(r: Reader): string {
  const hex =
    Buffer.from(r.take(8)).reverse().toString("hex") +
    Buffer.from(r.take(8)).reverse().toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function ip(r: Reader): string {
  const bytes = r.take(16);
  if (bytes.subarray(0, 12).toString("hex") === "00000000000000000000ffff")
    return `::ffff:${[...bytes.subarray(12)].join(".")}`;
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  // The longest run of at least two zero groups, the first one of equals.
  const runs = [...groups.join(":").matchAll(/(?<![^:])0(:0)+(?![^:])/g)];
  const best = runs.reduce((a, b) => (b[0].length > (a?.[0].length ?? 0) ? b : a), runs[0]);
  const text = groups.join(":");
  if (!best) return text;
  const before = text.slice(0, best.index).replace(/:$/, "");
  const after = text.slice(best.index + best[0].length).replace(/^:/, "");
  return `${before}::${after}`;
}

function time(ticks: bigint, digits: number): string {
  const unit = 10n ** BigInt(digits);
  const date = new Date(Number(ticks / unit) * 1000).toISOString().slice(0, 19).replace("T", " ");
  return `${date}.${String(ticks % unit).padStart(digits, "0")}`;
}

function dictionary(r: Reader, rows: number): string[] {
  if (rows === 0) return [];
  const kind = Number(r.u64());
  const keys = Array.from({ length: Number(r.u64()) }, () => r.text());
  const count = Number(r.u64());
  if (count !== rows) throw new Error(`${count} codes for ${rows} rows`);
  const width = 1 << (kind & 0xff);
  return Array.from({ length: rows }, () => keys[r.take(width).readUIntLE(0, width)]!);
}

function array(r: Reader, rows: number, inner: Read): unknown[][] {
  const ends = Array.from({ length: rows }, () => Number(r.u64()));
  const all = inner(r, ends.at(-1) ?? 0);
  return ends.map((end, i) => all.slice(i === 0 ? 0 : ends[i - 1], end));
}

function reader(type: string): Read {
  const names = /^Enum8\((.*)\)$/.exec(type)?.[1]?.matchAll(/'([^']*)' = (\d+)/g);
  if (names) {
    const byNumber = new Map([...names].map((match) => [Number(match[2]), match[1]!]));
    return each((r) => byNumber.get(r.take(1)[0]!)!);
  }
  const digits = /^DateTime64\((\d)/.exec(type)?.[1];
  if (digits) return each((r) => time(r.u64(), Number(digits)));
  const nullable = /^Nullable\((.*)\)$/.exec(type)?.[1];
  if (nullable)
    return (r, rows) => {
      const isNull = [...r.take(rows)];
      return reader(nullable)(r, rows).map((value, i) => (isNull[i] ? null : value));
    };
  switch (type) {
    case "UInt8":
      return each((r) => r.take(1)[0]);
    case "UInt16":
      return each((r) => r.take(2).readUInt16LE());
    case "Date":
      return each((r) =>
        new Date(r.take(2).readUInt16LE() * 86_400_000).toISOString().slice(0, 10),
      );
    case "UInt32":
      return each((r) => r.take(4).readUInt32LE());
    case "Int32":
      return each((r) => r.take(4).readInt32LE());
    case "UInt64":
      return each((r) => String(r.u64()));
    case "UUID":
      return each(uuid);
    case "IPv6":
      return each(ip);
    case "String":
      return each((r) => r.text());
    case "LowCardinality(String)":
      return (r, rows) => (r.u64(), dictionary(r, rows));
    case "Array(String)":
      return (r, rows) =>
        array(
          r,
          rows,
          each((inner) => inner.text()),
        );
    case "Array(LowCardinality(String))":
      return (r, rows) => (r.u64(), array(r, rows, dictionary));
    case "Array(UInt64)":
      return (r, rows) =>
        array(
          r,
          rows,
          each((inner) => String(inner.u64())),
        );
    default:
      throw new Error(`no reader for ${type}`);
  }
}

export function readNative(block: TableBlock): Record<string, unknown>[] {
  const r = new Reader(Buffer.concat(block.chunks));
  const columns = r.varint();
  const rows = r.varint();
  const out: Record<string, unknown>[] = Array.from({ length: rows }, () => ({}));
  for (let c = 0; c < columns; c++) {
    const name = r.text();
    const values = reader(r.text())(r, rows);
    for (const [i, value] of values.entries()) out[i]![name] = value;
  }
  if (!r.isAtEnd) throw new Error("bytes behind the last column");
  return out;
}

/** The rows of one table in a batch; none when the batch has no such block. */
export function rowsOf(blocks: readonly TableBlock[], table: string): Record<string, unknown>[] {
  return blocks.filter((block) => block.table === table).flatMap(readNative);
}
