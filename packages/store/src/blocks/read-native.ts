import type { Coded, Lists, Numbers, Sixteen, Texts, Values, Wide } from "./values.js";

/** One block of an answer: its rows, and its columns by name. */
export interface Block {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Values>;
}

/** The bytes at hand end before the value does. */
const SHORT = new Error("short");

/**
 * Reads an answer in ClickHouse's `Native` format, block by block; memory is that of one block.
 * @throws Error when the answer ends within a block (the query failed half-way) or has a type
 *   that no column of flows has
 */
export async function* readNative(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  const source = chunks[Symbol.asyncIterator]();
  const input = new Input();
  const more = async (): Promise<void> => {
    const next = await source.next();
    if (next.done === true) input.ended = true;
    else input.push(next.value);
  };
  /** What is there is read again from the value's beginning, when there is twice as much. */
  const whole = async <T>(read: (input: Input) => T): Promise<T> => {
    for (;;) {
      const from = input.at;
      try {
        return read(input);
      } catch (error) {
        if (error !== SHORT) throw error;
        if (input.ended)
          throw new Error("the store's answer ends within a block", { cause: error });
        input.at = from;
        const wanted = input.left * 2 + 1;
        while (input.left < wanted && !input.ended) await more();
      }
    }
  };
  try {
    for (;;) {
      if (input.left === 0) {
        if (input.ended) return;
        await more();
        continue;
      }
      const [count, rows] = await whole((one) => [one.varint(), one.varint()] as const);
      const columns = new Map<string, Values>();
      for (let index = 0; index < count; index++) {
        const [name, type] = await whole((one) => [one.text(), one.text()] as const);
        columns.set(name, await whole((one) => readColumn(one, type, rows)));
      }
      if (rows > 0) yield { rows, columns };
    }
  } finally {
    await source.return?.();
  }
}

/** What has arrived and is not read yet. */
class Input {
  #bytes: Buffer = Buffer.alloc(0);
  at = 0;
  /** Nothing more will come. */
  ended = false;

  get left(): number {
    return this.#bytes.length - this.at;
  }

  push(chunk: Uint8Array): void {
    const rest = this.#bytes.subarray(this.at);
    this.#bytes =
      rest.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
        : Buffer.concat([rest, chunk]);
    this.at = 0;
  }

  take(length: number): Buffer {
    const end = this.at + length;
    if (end > this.#bytes.length) throw SHORT;
    const part = this.#bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }

  /** A copy with an ArrayBuffer of its own: aligned, and not tied to what comes next. */
  copy(length: number): ArrayBuffer {
    const part = this.take(length);
    const copy = new Uint8Array(length);
    copy.set(part);
    return copy.buffer;
  }

  varint(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) throw SHORT;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
  }

  text(): string {
    return this.take(this.varint()).toString("utf8");
  }

  u64(): number {
    return Number(this.take(8).readBigUInt64LE());
  }

  texts(count: number): Texts {
    const from = this.at;
    const starts = new Uint32Array(count);
    const ends = new Uint32Array(count);
    for (let row = 0; row < count; row++) {
      const length = this.varint();
      starts[row] = this.at - from;
      this.at += length;
      ends[row] = this.at - from;
    }
    const size = this.at - from;
    this.at = from;
    return { kind: "texts", bytes: Buffer.from(this.copy(size)), starts, ends };
  }
}

function readColumn(input: Input, type: string, rows: number): Values {
  const list = /^Array\((.*)\)$/.exec(type)?.[1];
  // The version of a dictionary stands before everything else, also before the ends of a list.
  if ((list ?? type).startsWith("LowCardinality") && input.u64() !== 1)
    throw new Error("the store sends dictionaries of another version");
  return list === undefined ? readItems(input, type, rows) : readLists(input, list, rows);
}

function readLists(input: Input, type: string, rows: number): Lists {
  const words = new Uint32Array(input.copy(rows * 8));
  const ends = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) ends[row] = words[2 * row] as number;
  return { kind: "lists", ends, items: readItems(input, type, ends[rows - 1] ?? 0) };
}

function readItems(input: Input, type: string, rows: number): Values {
  const enums = /^Enum8\((.*)\)$/.exec(type)?.[1];
  if (enums !== undefined) {
    const names = new Map(
      [...enums.matchAll(/'([^']*)' = (\d+)/g)].map(([, name, number]) => [
        Number(number),
        String(name),
      ]),
    );
    return numbers(new Uint8Array(input.copy(rows)), names);
  }
  switch (type) {
    case "UInt8":
      return numbers(new Uint8Array(input.copy(rows)));
    case "UInt16":
      return numbers(new Uint16Array(input.copy(rows * 2)));
    case "UInt32":
      return numbers(new Uint32Array(input.copy(rows * 4)));
    case "Int32":
      return numbers(new Int32Array(input.copy(rows * 4)));
    case "UInt64":
    case "Int64":
      return {
        kind: "wide",
        words: new Uint32Array(input.copy(rows * 8)),
        signed: type === "Int64",
      } satisfies Wide;
    case "UUID":
    case "IPv6":
      return {
        kind: "sixteen",
        bytes: new Uint8Array(input.copy(rows * 16)),
        type,
      } satisfies Sixteen;
    case "String":
      return input.texts(rows);
    case "LowCardinality(String)":
      return readCoded(input, rows);
    default:
      throw new Error(`no column of flows has the type ${type}`);
  }
}

function numbers(data: Numbers["data"], names?: ReadonlyMap<number, string>): Numbers {
  return { kind: "numbers", data, names };
}

function readCoded(input: Input, rows: number): Coded {
  if (rows === 0) return { kind: "coded", keys: input.texts(0), codes: new Uint8Array(0) };
  const width = input.u64() & 0xff;
  const keys = input.texts(input.u64());
  if (input.u64() !== rows) throw new Error("a dictionary column has not as many codes as rows");
  switch (width) {
    case 0:
      return { kind: "coded", keys, codes: new Uint8Array(input.copy(rows)) };
    case 1:
      return { kind: "coded", keys, codes: new Uint16Array(input.copy(rows * 2)) };
    case 2:
      return { kind: "coded", keys, codes: new Uint32Array(input.copy(rows * 4)) };
    default:
      throw new Error("a dictionary column has codes of 64 bits");
  }
}
