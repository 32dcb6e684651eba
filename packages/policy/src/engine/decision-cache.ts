/** Slots that are looked at for one key, and the words of a slot: three of the key and the value. */
const WINDOW = 8;
const WORDS = 4;
const FIRST_SLOTS = 1 << 12;

/**
 * Small numbers under keys of three numbers, in open addressing: a hit touches
 * one line of memory and allocates nothing. Bounded: in a full table a new entry
 * takes the place of one of the eight that stand where it belongs. What is asked
 * for again is computed again.
 *
 *   slot: | a | b | c | value |   value 0: empty; keys whole numbers of 32 bits
 */
export interface DecisionCache {
  /** 0 when it is not there. */
  get(a: number, b: number, c: number): number;
  /** `value` from 1 to 2^32 − 1. */
  set(a: number, b: number, c: number, value: number): void;
  clear(): void;
  /** Memory that the table takes, in bytes. */
  bytes(): number;
}

/** `maxEntries` is rounded up to a power of two; 16 bytes each. */
export function createDecisionCache(maxEntries: number): DecisionCache {
  const maxSlots = Math.max(FIRST_SLOTS, 2 ** Math.ceil(Math.log2(maxEntries)));
  let slots = FIRST_SLOTS;
  let words = new Uint32Array(slots * WORDS);
  let filled = 0;

  const put = (a: number, b: number, c: number, value: number): void => {
    const home = hash(a, b, c);
    let at = 0;
    for (let i = 0; i < WINDOW; i++) {
      at = ((home + i) & (slots - 1)) * WORDS;
      if (words[at + 3] === 0) {
        filled++;
        break;
      }
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c) break;
      // None is free: the entry that the hash's high bits name has to go.
      if (i === WINDOW - 1) at = ((home + ((home >>> 24) & (WINDOW - 1))) & (slots - 1)) * WORDS;
    }
    words[at] = a;
    words[at + 1] = b;
    words[at + 2] = c;
    words[at + 3] = value;
  };

  const grow = (): void => {
    const old = words;
    slots *= 4;
    words = new Uint32Array(slots * WORDS);
    filled = 0;
    for (let at = 0; at < old.length; at += WORDS)
      if (old[at + 3] !== 0)
        put(old[at] ?? 0, old[at + 1] ?? 0, old[at + 2] ?? 0, old[at + 3] ?? 0);
  };

  return {
    get: (a, b, c) => {
      const home = hash(a, b, c);
      const mask = slots - 1;
      for (let i = 0; i < WINDOW; i++) {
        const at = ((home + i) & mask) * WORDS;
        const value = words[at + 3] as number;
        if (value === 0) return 0;
        if (words[at] === a && words[at + 1] === b && words[at + 2] === c) return value;
      }
      return 0;
    },
    set: (a, b, c, value) => {
      if (filled * 2 >= slots && slots * 4 <= maxSlots) grow();
      put(a, b, c, value);
    },
    clear: () => {
      words.fill(0);
      filled = 0;
    },
    bytes: () => words.byteLength,
  };
}

function hash(a: number, b: number, c: number): number {
  let mixed = Math.imul(a, 0x9e37_79b1) ^ Math.imul(b, 0x85eb_ca6b) ^ Math.imul(c, 0xc2b2_ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b_3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
