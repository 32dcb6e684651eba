import type { NativeColumn } from "./column.js";
import type { Output } from "./output.js";

/** Length-prefixed strings one after the other, as Native has them. */
export class StringList {
  #bytes = new Uint8Array(1 << 12);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  push(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#room(length + 5);
    const bytes = this.#bytes;
    let at = this.#at;
    let rest = length;
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    // Below this size a loop is cheaper than the view that `set` needs.
    if (length < 48) for (let i = 0; i < length; i++) bytes[at + i] = source[start + i]!;
    else bytes.set(source.subarray(start, end), at);
    this.#at = at + length;
  }

  pushText(text: string): void {
    const bytes = encoder.encode(text);
    this.push(bytes, 0, bytes.length);
  }

  pushEmpty(count: number): void {
    this.#room(count);
    this.#bytes.fill(0, this.#at, this.#at + count);
    this.#at += count;
  }

  write(out: Output): void {
    out.copy(this.#bytes, 0, this.#at);
  }

  reset(): void {
    this.#at = 0;
  }

  #room(more: number): void {
    let size = this.#bytes.length;
    if (this.#at + more <= size) return;
    while (this.#at + more > size) size *= 2;
    const bytes = new Uint8Array(size);
    bytes.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = bytes;
  }
}

const encoder = new TextEncoder();

/** String. */
export class TextColumn implements NativeColumn {
  readonly #list = new StringList();
  #filled = 0;

  set(row: number, source: Uint8Array, start: number, end: number): void {
    this.#skipTo(row);
    this.#list.push(source, start, end);
    this.#filled = row + 1;
  }

  setText(row: number, text: string): void {
    this.#skipTo(row);
    this.#list.pushText(text);
    this.#filled = row + 1;
  }

  reserve(): void {}

  size(rows: number): number {
    return this.#list.length + (rows - this.#filled);
  }

  write(out: Output, rows: number): void {
    this.#list.write(out);
    out.zeros(rows - this.#filled);
  }

  reset(): void {
    this.#list.reset();
    this.#filled = 0;
  }

  #skipTo(row: number): void {
    if (row > this.#filled) this.#list.pushEmpty(row - this.#filled);
  }
}
