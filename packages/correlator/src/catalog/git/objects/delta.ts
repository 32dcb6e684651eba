import { GitTrouble } from "./object.js";

/** A number of 7 bits a byte, the lowest first. */
export function readSize(data: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  let factor = 1;
  for (let next = at; next < data.length && next < at + 8; next += 1) {
    const byte = data[next] as number;
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte < 0x80) return { value, next: next + 1 };
  }
  throw new GitTrouble("damaged", "a size in a pack is damaged");
}

/** How long what a delta makes is. */
export function resultSize(delta: Uint8Array): number {
  return readSize(delta, readSize(delta, 0).next).value;
}

/**
 * Makes an object of another one and what differs: pieces of the base (high bit set: up to four
 * bytes of offset and three of length) and new bytes (the byte is their number).
 */
export function applyDelta(base: Buffer, delta: Buffer): Buffer {
  const damaged = (): never => {
    throw new GitTrouble("damaged", "a delta in a pack is damaged");
  };
  const from = readSize(delta, 0);
  const to = readSize(delta, from.next);
  if (from.value !== base.length) damaged();
  const result = Buffer.alloc(to.value);
  let at = to.next;
  let end = 0;
  const number = (flags: number, bytes: number): number => {
    let value = 0;
    for (let i = 0; i < bytes; i += 1)
      if (flags & (1 << i)) value += (delta[at++] ?? damaged()) * 256 ** i;
    return value;
  };
  while (at < delta.length) {
    const code = delta[at++] as number;
    const copies = code >= 0x80;
    const start = copies ? number(code, 4) : at;
    const length = copies ? number((code >> 4) & 7, 3) || 0x10000 : code;
    const source = copies ? base : delta;
    if (length === 0 || start + length > source.length || end + length > result.length) damaged();
    source.copy(result, end, start, start + length);
    end += length;
    if (!copies) at += length;
  }
  return end === result.length ? result : damaged();
}
