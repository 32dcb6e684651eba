import type { NativeColumn } from "./column.js";
import { type Output, rawBytes } from "./output.js";

const START = 1024;

function grown<T extends Uint8Array | Uint16Array | Uint32Array>(old: T, next: T): T {
  next.set(old);
  return next;
}

/** UInt8, Enum8. */
export class Fixed8 implements NativeColumn {
  data = new Uint8Array(START);
  #touched = false;

  set(row: number, value: number): void {
    this.data[row] = value;
    this.#touched = true;
  }

  reserve(rows: number): void {
    if (rows > this.data.length) this.data = grown(this.data, new Uint8Array(rows));
  }

  size(rows: number): number {
    return rows;
  }

  write(out: Output, rows: number): void {
    if (this.#touched) out.copy(this.data, 0, rows);
    else out.zeros(rows);
  }

  reset(rows: number): void {
    if (this.#touched) this.data.fill(0, 0, rows);
    this.#touched = false;
  }
}

/** UInt16, Date (days since 1970). */
export class Fixed16 implements NativeColumn {
  data = new Uint16Array(START);
  #touched = false;

  set(row: number, value: number): void {
    this.data[row] = value;
    this.#touched = true;
  }

  /** The same value in the first `rows` rows. */
  fill(rows: number, value: number): void {
    this.data.fill(value, 0, rows);
    this.#touched = true;
  }

  reserve(rows: number): void {
    if (rows > this.data.length) this.data = grown(this.data, new Uint16Array(rows));
  }

  size(rows: number): number {
    return rows * 2;
  }

  write(out: Output, rows: number): void {
    if (this.#touched) out.copy(rawBytes(this.data, rows * 2), 0, rows * 2);
    else out.zeros(rows * 2);
  }

  reset(rows: number): void {
    if (this.#touched) this.data.fill(0, 0, rows);
    this.#touched = false;
  }
}

/** UInt32, Int32 (a negative number lands as its two's complement). */
export class Fixed32 implements NativeColumn {
  data = new Uint32Array(START);
  #touched = false;

  set(row: number, value: number): void {
    this.data[row] = value;
    this.#touched = true;
  }

  reserve(rows: number): void {
    if (rows > this.data.length) this.data = grown(this.data, new Uint32Array(rows));
  }

  size(rows: number): number {
    return rows * 4;
  }

  write(out: Output, rows: number): void {
    if (this.#touched) out.copy(rawBytes(this.data, rows * 4), 0, rows * 4);
    else out.zeros(rows * 4);
  }

  reset(rows: number): void {
    if (this.#touched) this.data.fill(0, 0, rows);
    this.#touched = false;
  }
}

/** UInt64, DateTime64: two 32-bit halves, so that no bigint is made for a row. */
export class Fixed64 implements NativeColumn {
  data = new Uint32Array(START * 2);
  #touched = false;

  set(row: number, low: number, high: number): void {
    this.data[row * 2] = low;
    this.data[row * 2 + 1] = high;
    this.#touched = true;
  }

  setBig(row: number, value: bigint): void {
    this.set(row, Number(value & 0xffff_ffffn), Number((value >> 32n) & 0xffff_ffffn));
  }

  /** The same value in the first `rows` rows. */
  fill(rows: number, value: bigint): void {
    new BigUint64Array(this.data.buffer).fill(BigInt.asUintN(64, value), 0, rows);
    this.#touched = true;
  }

  reserve(rows: number): void {
    if (rows * 2 > this.data.length) this.data = grown(this.data, new Uint32Array(rows * 2));
  }

  size(rows: number): number {
    return rows * 8;
  }

  write(out: Output, rows: number): void {
    if (this.#touched) out.copy(rawBytes(this.data, rows * 8), 0, rows * 8);
    else out.zeros(rows * 8);
  }

  reset(rows: number): void {
    if (this.#touched) this.data.fill(0, 0, rows * 2);
    this.#touched = false;
  }
}

/** UUID, IPv6: 16 bytes in the order of the text. */
export class Fixed128 implements NativeColumn {
  data = new Uint32Array(START * 4);
  /** ClickHouse keeps a UUID as two little-endian 64-bit numbers, an address as it is written. */
  readonly #flip: boolean;
  readonly #words = new Uint32Array(4);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  #touched = false;

  constructor(kind: "UUID" | "IPv6") {
    this.#flip = kind === "UUID";
  }

  /** 16 bytes from `at`. */
  set(row: number, source: Uint8Array, at: number): void {
    for (let i = 0; i < 16; i++) this.#bytes[i] = source[at + i]!;
    this.setWords(row, this.#words, 0);
  }

  /** The same from four words of a view over those bytes. */
  setWords(row: number, source: Uint32Array, at: number): void {
    const { data } = this;
    const to = row * 4;
    if (this.#flip) {
      data[to] = swapped(source[at + 1]!);
      data[to + 1] = swapped(source[at]!);
      data[to + 2] = swapped(source[at + 3]!);
      data[to + 3] = swapped(source[at + 2]!);
    } else for (let i = 0; i < 4; i++) data[to + i] = source[at + i]!;
    this.#touched = true;
  }

  reserve(rows: number): void {
    if (rows * 4 > this.data.length) this.data = grown(this.data, new Uint32Array(rows * 4));
  }

  size(rows: number): number {
    return rows * 16;
  }

  write(out: Output, rows: number): void {
    if (this.#touched) out.copy(rawBytes(this.data, rows * 16), 0, rows * 16);
    else out.zeros(rows * 16);
  }

  reset(rows: number): void {
    if (this.#touched) this.data.fill(0, 0, rows * 4);
    this.#touched = false;
  }
}

function swapped(word: number): number {
  return (word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff_0000) | (word << 24);
}
