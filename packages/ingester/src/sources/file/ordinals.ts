/** Entries kept: 12 bytes each at a fill of one half, so 192 MiB at most. */
const MAX_ENTRIES = 8_000_000;

/**
 * Counts how often the same content came in one file, so that lines which are really
 * there twice are two flows, and the same ones again when the file is imported again.
 */
export interface Ordinals {
  /** 0 for the first sight of these four words, then 1, 2, … */
  next(words: Uint32Array): number;
}

/**
 * A hash table without objects: a file may hold millions of flows without uuid. The first 64
 * bits of the content's hash are the key. When it is full it forgets everything and begins
 * anew: only a line that comes again after 8 million other ones is then taken for a repeat.
 */
export function createOrdinals(maxEntries = MAX_ENTRIES): Ordinals {
  let slots = 1024;
  let table = new Uint32Array(slots * 3);
  let size = 0;

  function slotOf(inside: Uint32Array, count: number, a: number, b: number): number {
    let slot = (a ^ Math.imul(b, 0x9e3779b1)) & (count - 1);
    // A stored count is never 0, so 0 marks a free slot.
    for (;;) {
      const at = slot * 3;
      if (inside[at + 2] === 0 || (inside[at] === a && inside[at + 1] === b)) return at;
      slot = (slot + 1) & (count - 1);
    }
  }

  function grow(): void {
    if (size >= maxEntries) {
      table.fill(0);
      size = 0;
      return;
    }
    const larger = new Uint32Array(slots * 2 * 3);
    for (let at = 0; at < table.length; at += 3) {
      if (table[at + 2] === 0) continue;
      larger.set(
        table.subarray(at, at + 3),
        slotOf(larger, slots * 2, table[at] as number, table[at + 1] as number),
      );
    }
    slots *= 2;
    table = larger;
  }

  return {
    next(words) {
      if (size * 2 >= slots || size >= maxEntries) grow();
      const a = words[0] as number;
      const b = words[1] as number;
      const at = slotOf(table, slots, a, b);
      const seen = table[at + 2] as number;
      if (seen === 0) {
        table[at] = a;
        table[at + 1] = b;
        size += 1;
      }
      table[at + 2] = seen + 1;
      return seen;
    },
  };
}
