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
  data = new Uint8Array(START * 16);
  /** ClickHouse keeps a UUID as two little-endian 64-bit numbers, an address as it is written. */
  readonly #flip: boolean;
  #touched = false;

  constructor(kind: "UUID" | "IPv6") {
    this.#flip = kind === "UUID";
  }

  set(row: number, source: Uint8Array, at: number): void {
    const { data } = this;
    const to = row * 16;
    if (this.#flip) {
      for (let i = 0; i < 8; i++) {
        data[to + i] = source[at + 7 - i]!;
        data[to + 8 + i] = source[at + 15 - i]!;
      }
    } else for (let i = 0; i < 16; i++) data[to + i] = source[at + i]!;
    this.#touched = true;
  }

  reserve(rows: number): void {
    if (rows * 16 > this.data.length) this.data = grown(this.data, new Uint8Array(rows * 16));
  }

  size(rows: number): number {
    return rows * 16;
  }

  write(out: Output, rows: number): void {
    if (this.#touched) out.copy(this.data, 0, rows * 16);
    else out.zeros(rows * 16);
  }

  reset(rows: number): void {
    if (this.#touched) this.data.fill(0, 0, rows * 16);
    this.#touched = false;
  }
}
