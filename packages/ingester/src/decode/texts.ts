import { cleanText } from "@dropscope/model";
import type { AtomTable } from "@dropscope/store";
import type { Cursor } from "./cursor.js";

const decoder = new TextDecoder();

/** Texts out of the cursor's buffer. What is printable ASCII and short enough, nearly everything, is never made a JS string. */
export class Texts {
  readonly #cursor: Cursor;
  readonly #atoms: AtomTable;

  constructor(cursor: Cursor, atoms: AtomTable) {
    this.#cursor = cursor;
    this.#atoms = atoms;
  }

  /** True when the bytes may be stored as they are. */
  isPlain(start: number, end: number, cap: number): boolean {
    if (end - start > cap) return false;
    const { bytes } = this.#cursor;
    // Counts instead of leaving early: no branch to predict.
    let odd = 0;
    for (let i = start; i < end; i++) odd |= Number(((bytes[i]! - 0x20) & 0xff) > 0x5e);
    return odd === 0;
  }

  clean(start: number, end: number, cap: number): string {
    // Bytes far beyond the cap cannot show: a code unit takes at most 3 bytes.
    const enough = Math.min(end, start + cap * 3 + 4);
    return cleanText(decoder.decode(this.#cursor.bytes.subarray(start, enough)), cap);
  }

  atom(start: number, end: number, cap: number): number {
    const known = this.#atoms.find(this.#cursor.bytes, start, end);
    if (known !== -1 && end - start <= cap) return known;
    return this.isPlain(start, end, cap)
      ? this.#atoms.intern(this.#cursor.bytes, start, end)
      : this.#atoms.internText(this.clean(start, end, cap));
  }

  /** @param text clean already. */
  atomOf(text: string): number {
    return this.#atoms.internText(text);
  }
}
