import type { BlockContext, NativeColumn } from "./column.js";
import { DICTIONARY_VERSION_SIZE, Dictionary, writeDictionaryVersion } from "./low-cardinality.js";
import { type Output, rawBytes } from "./output.js";
import { StringList } from "./text.js";

/** How many elements each row has. Native wants the running total, which is made at the end. */
class Counts {
  #data = new Uint32Array(1024);
  total = 0;

  add(row: number): void {
    this.#data[row] = this.#data[row]! + 1;
    this.total++;
  }

  reserve(rows: number): void {
    if (rows <= this.#data.length) return;
    const data = new Uint32Array(rows);
    data.set(this.#data);
    this.#data = data;
  }

  size(rows: number): number {
    return rows * 8;
  }

  write(out: Output, rows: number): void {
    if (this.total === 0) return out.zeros(rows * 8);
    const ends = new Uint32Array(rows * 2);
    let end = 0;
    for (let row = 0; row < rows; row++) {
      end += this.#data[row]!;
      ends[row * 2] = end;
    }
    out.copy(rawBytes(ends, rows * 8), 0, rows * 8);
  }

  reset(rows: number): void {
    if (this.total > 0) this.#data.fill(0, 0, rows);
    this.total = 0;
  }
}

/** Array(String). */
export class TextArrayColumn implements NativeColumn {
  readonly #counts = new Counts();
  readonly #list = new StringList();

  push(row: number, source: Uint8Array, start: number, end: number): void {
    this.#counts.add(row);
    this.#list.push(source, start, end);
  }

  pushText(row: number, text: string): void {
    this.#counts.add(row);
    this.#list.pushText(text);
  }

  reserve(rows: number): void {
    this.#counts.reserve(rows);
  }

  size(rows: number): number {
    return this.#counts.size(rows) + this.#list.length;
  }

  write(out: Output, rows: number): void {
    this.#counts.write(out, rows);
    this.#list.write(out);
  }

  reset(rows: number): void {
    this.#counts.reset(rows);
    this.#list.reset();
  }
}

/** Array(LowCardinality(String)): elements are atoms. */
export class LowCardinalityArrayColumn implements NativeColumn {
  readonly #counts = new Counts();
  readonly #dictionary: Dictionary;
  #codes = new Uint32Array(256);

  constructor(context: BlockContext) {
    this.#dictionary = new Dictionary(context);
  }

  push(row: number, atom: number): void {
    const at = this.#counts.total;
    if (at === this.#codes.length) {
      const codes = new Uint32Array(at * 2);
      codes.set(this.#codes);
      this.#codes = codes;
    }
    this.#codes[at] = this.#dictionary.code(atom);
    this.#counts.add(row);
  }

  reserve(rows: number): void {
    this.#counts.reserve(rows);
  }

  size(rows: number): number {
    return (
      DICTIONARY_VERSION_SIZE + this.#counts.size(rows) + this.#dictionary.size(this.#counts.total)
    );
  }

  write(out: Output, rows: number): void {
    writeDictionaryVersion(out);
    this.#counts.write(out, rows);
    this.#dictionary.write(out, this.#codes, this.#counts.total);
  }

  reset(rows: number): void {
    this.#counts.reset(rows);
    this.#dictionary.reset();
  }
}

/** Array(UInt64). */
export class U64ArrayColumn implements NativeColumn {
  readonly #counts = new Counts();
  #data = new Uint32Array(256);

  push(row: number, low: number, high: number): void {
    const at = this.#counts.total * 2;
    if (at === this.#data.length) {
      const data = new Uint32Array(at * 2);
      data.set(this.#data);
      this.#data = data;
    }
    this.#data[at] = low;
    this.#data[at + 1] = high;
    this.#counts.add(row);
  }

  reserve(rows: number): void {
    this.#counts.reserve(rows);
  }

  size(rows: number): number {
    return this.#counts.size(rows) + this.#counts.total * 8;
  }

  write(out: Output, rows: number): void {
    this.#counts.write(out, rows);
    const length = this.#counts.total * 8;
    out.copy(rawBytes(this.#data, length), 0, length);
  }

  reset(rows: number): void {
    this.#counts.reset(rows);
  }
}
