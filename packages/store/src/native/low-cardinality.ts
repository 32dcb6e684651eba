import type { AtomTable } from "./atoms.js";
import type { BlockContext, NativeColumn } from "./column.js";
import { type Output, rawBytes, varintSize } from "./output.js";

// Version of the dictionary format, once per column, before everything else.
const KEYS_VERSION = 1;
// The block brings its own keys and no dictionary is shared between blocks.
const OWN_KEYS = 0x600;

/** Codes into a dictionary of this block. Code 0 is the empty string. */
export class Dictionary {
  readonly #atoms: AtomTable;
  /** atom → code; 0 where the atom is not in the dictionary (or is the empty one). */
  #codes = new Int32Array(1 << 10);
  #keys: number[] = [0];

  constructor(context: BlockContext) {
    this.#atoms = context.atoms;
  }

  code(atom: number): number {
    if (atom < this.#codes.length) {
      const code = this.#codes[atom]!;
      if (code !== 0 || atom === 0) return code;
    }
    return this.#add(atom);
  }

  /** Bytes of keys and codes; nothing at all when there is no code. */
  size(count: number): number {
    if (count === 0) return 0;
    let size = 24 + count * this.#width();
    for (const atom of this.#keys) {
      const length = this.#atoms.endOf(atom) - this.#atoms.startOf(atom);
      size += varintSize(length) + length;
    }
    return size;
  }

  /** @param codes undefined when every code is 0. */
  write(out: Output, codes: Uint32Array | undefined, count: number): void {
    if (count === 0) return;
    const width = this.#width();
    out.u64(OWN_KEYS | (width === 4 ? 2 : width - 1));
    out.u64(this.#keys.length);
    const { arena } = this.#atoms;
    for (const atom of this.#keys) {
      const start = this.#atoms.startOf(atom);
      const end = this.#atoms.endOf(atom);
      out.varint(end - start);
      out.copy(arena, start, end);
    }
    out.u64(count);
    if (codes === undefined) return out.zeros(count * width);
    const used = codes.subarray(0, count);
    const narrow = width === 1 ? new Uint8Array(used) : width === 2 ? new Uint16Array(used) : used;
    out.copy(rawBytes(narrow, count * width), 0, count * width);
  }

  reset(): void {
    for (const atom of this.#keys) this.#codes[atom] = 0;
    this.#keys.length = 1;
  }

  #width(): 1 | 2 | 4 {
    return this.#keys.length <= 0x100 ? 1 : this.#keys.length <= 0x1_0000 ? 2 : 4;
  }

  #add(atom: number): number {
    if (atom >= this.#codes.length) {
      let size = this.#codes.length;
      while (size <= atom) size *= 2;
      const codes = new Int32Array(size);
      codes.set(this.#codes);
      this.#codes = codes;
    }
    const code = this.#keys.length;
    this.#keys.push(atom);
    this.#codes[atom] = code;
    return code;
  }
}

/** The version stands before the data of the outermost type, also inside an array. */
export function writeDictionaryVersion(out: Output): void {
  out.u64(KEYS_VERSION);
}

export const DICTIONARY_VERSION_SIZE = 8;

/** LowCardinality(String): rows hold atoms. */
export class LowCardinalityColumn implements NativeColumn {
  readonly #dictionary: Dictionary;
  #codes = new Uint32Array(1024);
  #touched = false;

  constructor(context: BlockContext) {
    this.#dictionary = new Dictionary(context);
  }

  set(row: number, atom: number): void {
    if (atom === 0) return;
    this.#codes[row] = this.#dictionary.code(atom);
    this.#touched = true;
  }

  reserve(rows: number): void {
    if (rows <= this.#codes.length) return;
    const codes = new Uint32Array(rows);
    codes.set(this.#codes);
    this.#codes = codes;
  }

  size(rows: number): number {
    return DICTIONARY_VERSION_SIZE + this.#dictionary.size(rows);
  }

  write(out: Output, rows: number): void {
    writeDictionaryVersion(out);
    this.#dictionary.write(out, this.#touched ? this.#codes : undefined, rows);
  }

  reset(rows: number): void {
    if (this.#touched) this.#codes.fill(0, 0, rows);
    this.#touched = false;
    this.#dictionary.reset();
  }
}
