import type { Cursor } from "./cursor.js";

const WAYS = 4;
// Longer keys are rare and not worth a copy.
const MAX_KEY = 2048;

/**
 * Remembers what a run of bytes was decoded to. A pod's Endpoint is the same bytes in every flow,
 * so a hash and a comparison take the place of parsing it and of making a dozen strings.
 * Bounded: each key may live in 4 places, and a fifth one takes the place of another.
 */
export class ByteCache<T> {
  readonly #mask: number;
  readonly #hashes: Int32Array;
  readonly #entries: (Entry<T> | undefined)[];
  #victim = 0;

  /** @param sets a power of two; the cache holds 4 times as many values. */
  constructor(sets: number) {
    this.#mask = sets - 1;
    this.#hashes = new Int32Array(sets * WAYS);
    this.#entries = Array.from({ length: sets * WAYS }, () => undefined);
  }

  /** The value for the cursor's bytes `start…end`; `decode` makes it when it is not known. */
  get(cursor: Cursor, start: number, end: number, decode: (start: number, end: number) => T): T {
    const length = end - start;
    if (length > MAX_KEY || length < 4) return decode(start, end);
    const view = cursor.view;
    const hash = hashOf(view, start, end);
    const set = (hash & this.#mask) * WAYS;
    for (let slot = set; slot < set + WAYS; slot++) {
      if (this.#hashes[slot] !== hash) continue;
      const entry = this.#entries[slot];
      if (entry?.length === length && isSame(entry.words, view, start, end)) return entry.value;
    }
    // A throw must not leave half an entry, so decoding comes first.
    const value = decode(start, end);
    const slot = this.#placeIn(set);
    this.#hashes[slot] = hash;
    this.#entries[slot] = { length, words: wordsOf(view, start, end), value };
    return value;
  }

  /** A free place, or one that is taken from another key. */
  #placeIn(set: number): number {
    for (let slot = set; slot < set + WAYS; slot++)
      if (this.#entries[slot] === undefined) return slot;
    return set + (this.#victim++ & (WAYS - 1));
  }

  clear(): void {
    this.#entries.fill(undefined);
  }
}

interface Entry<T> {
  readonly length: number;
  readonly words: Int32Array;
  readonly value: T;
}

// A random start: who writes our labels cannot choose ones that share a place.
const seed = (Math.random() * 0x1_0000_0000) | 0;

// Two equal pods differ in their names, which stand near the end, behind the labels.
const HEAD = 16;
const TAIL = 96;
const STRIDE = 24;

/**
 * Looks at the beginning, the end and samples between: it only has to find the place, the
 * comparison decides. All of it is read when the key is short.
 */
function hashOf(view: DataView, start: number, end: number): number {
  let a = seed ^ (end - start);
  let b = view.getInt32(end - 4, true);
  const tail = end - TAIL;
  let at = start;
  if (tail > start + HEAD) {
    for (const stop = start + HEAD; at < stop; at += 4) a = mix(a, view.getInt32(at, true));
    for (; at < tail; at += STRIDE) a = mix(a, view.getInt32(at, true));
    at = tail;
  }
  // Two lanes, because a multiplication takes longer than a read.
  for (; at + 8 <= end; at += 8) {
    a = mix(a, view.getInt32(at, true));
    b = mix(b, view.getInt32(at + 4, true));
  }
  if (at + 4 <= end) a = mix(a, view.getInt32(at, true));
  a = mix(a, b);
  return a ^ (a >>> 13);
}

function mix(hash: number, word: number): number {
  const next = Math.imul(hash ^ word, 0x9e3779b1);
  return next ^ (next >>> 15);
}

function wordsOf(view: DataView, start: number, end: number): Int32Array {
  const whole = (end - start) >> 2;
  const words = new Int32Array(whole + 1);
  for (let i = 0; i < whole; i++) words[i] = view.getInt32(start + i * 4, true);
  words[whole] = view.getInt32(end - 4, true);
  return words;
}

function isSame(words: Int32Array, view: DataView, start: number, end: number): boolean {
  const whole = words.length - 1;
  if (words[whole] !== view.getInt32(end - 4, true)) return false;
  let i = 0;
  // Four at a time: nearly every comparison is of equals, so leaving early gains nothing.
  for (let at = start; i + 4 <= whole; i += 4, at += 16) {
    const difference =
      (words[i]! ^ view.getInt32(at, true)) |
      (words[i + 1]! ^ view.getInt32(at + 4, true)) |
      (words[i + 2]! ^ view.getInt32(at + 8, true)) |
      (words[i + 3]! ^ view.getInt32(at + 12, true));
    if (difference !== 0) return false;
  }
  for (; i < whole; i++) if (words[i] !== view.getInt32(start + i * 4, true)) return false;
  return true;
}
