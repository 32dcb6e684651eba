/**
 * The 128-bit ids seen lately, in three generations of open-addressing tables:
 *
 *     young ──full──▶ older ──next full──▶ oldest ──next full──▶ forgotten
 *       ▲ a hit in an older one is written to young again: what keeps coming stays known
 *
 * An id is kept as 96 bits: the fourth word is folded into the third. That two of the
 * ids held at once share them has a chance below 1 in 10^16, and a third of the memory
 * of two generations of whole ids is saved, half with the third generation. Nothing is
 * a string or an object, so a million ids cost 16 to 23 MiB and no garbage. An id is
 * forgotten only when a whole generation is; `horizonMs` then says up to which flow
 * time the memory is no longer complete, and a resume must not ask for anything older.
 */
export interface RecentIds {
  /**
   * Remembers the 16 bytes at `at`. True when they were known already.
   * `timeMs` is the flow's time in ms since 1970, 0 when it has none.
   */
  isRepeat(bytes: Uint8Array, at: number, timeMs: number): boolean;
  /**
   * Ids one after the other, 16 bytes each: what the spool and the store hold from before.
   * They are complete for flow times from `completeSinceMs` on.
   */
  seed(ids: Uint8Array, completeSinceMs?: number): void;
  /** Newest flow time among the forgotten ids, ms; 0 while nothing was forgotten. */
  readonly horizonMs: number;
  readonly size: number;
}

export interface RecentIdsOptions {
  /** Memory for all generations. Default 36 MiB: the newest 1,572,864 ids are certain, 39 s at 40,000 flows/s. */
  maxBytes?: number;
  /** Wall clock in ms: a flow "from the future" must not move the horizon past now. */
  now?: () => number;
}

/** One more generation would save a tenth of the memory, for one more miss of the cache a flow. */
const GENERATIONS = 3;
const WORDS_PER_SLOT = 3;
const BYTES_PER_SLOT = WORDS_PER_SLOT * 4;
const FILL = 0.75;
export const RECENT_IDS_BYTES = 36 << 20;

function slotsFor(maxBytes: number): number {
  return 2 ** Math.max(4, Math.floor(Math.log2(maxBytes / GENERATIONS / BYTES_PER_SLOT)));
}

/** The newest ids that are certain to be remembered: all generations but one. More than that need not be seeded. */
export function recentIdsCapacity(maxBytes: number): number {
  return Math.floor(slotsFor(maxBytes) * FILL) * (GENERATIONS - 1);
}

export function createRecentIds(options: RecentIdsOptions = {}): RecentIds {
  const maxBytes = options.maxBytes ?? RECENT_IDS_BYTES;
  const now = options.now ?? Date.now;
  const slots = slotsFor(maxBytes);
  const limit = Math.floor(slots * FILL);
  let [young, older, oldest] = [createTable(slots), createTable(slots), createTable(slots)];
  let horizonMs = 0;

  function isRepeat(bytes: Uint8Array, at: number, timeMs: number): boolean {
    const a = word(bytes, at);
    const b = word(bytes, at + 4);
    const c = (word(bytes, at + 8) ^ Math.imul(word(bytes, at + 12), FOLD)) >>> 0;
    if (young.has(a, b, c)) return true;
    const known = older.has(a, b, c) || oldest.has(a, b, c);
    if (young.size >= limit) turn();
    young.add(a, b, c);
    if (timeMs > young.newestMs && timeMs <= now()) young.newestMs = timeMs;
    return known;
  }

  function turn(): void {
    if (oldest.newestMs > horizonMs) horizonMs = oldest.newestMs;
    const empty = oldest;
    empty.clear();
    [young, older, oldest] = [empty, young, older];
  }

  return {
    isRepeat,
    seed(ids, completeSinceMs = 0) {
      if (completeSinceMs > horizonMs) horizonMs = completeSinceMs;
      for (let at = 0; at + 16 <= ids.length; at += 16) isRepeat(ids, at, 0);
    },
    get horizonMs() {
      return horizonMs;
    },
    get size() {
      return young.size + older.size + oldest.size;
    },
  };
}

/** Odd, so that no bit of the fourth word is lost to the fold alone. */
const FOLD = 0x9e3779b1;

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  );
}

interface Table {
  size: number;
  newestMs: number;
  has(a: number, b: number, c: number): boolean;
  add(a: number, b: number, c: number): void;
  clear(): void;
}

/** Linear probing; the all-zero id marks a free slot, so it is kept as a flag. */
function createTable(slots: number): Table {
  const words = new Uint32Array(slots * WORDS_PER_SLOT);
  const mask = slots - 1;
  let zero = false;

  // Hostile senders choose their uuids; a per-process seed keeps them from choosing collisions.
  const salt = (Math.random() * 0x1_0000_0000) >>> 0;
  function find(a: number, b: number, c: number): number {
    let h = Math.imul(a ^ salt, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 15) ^ c, 0xc2b2ae35);
    let slot = (h ^ (h >>> 13)) & mask;
    for (;;) {
      const at = slot * WORDS_PER_SLOT;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c) return at;
      if ((words[at]! | words[at + 1]! | words[at + 2]!) === 0) return ~at;
      slot = (slot + 1) & mask;
    }
  }

  const table: Table = {
    size: 0,
    newestMs: 0,
    has(a, b, c) {
      if ((a | b | c) === 0) return zero;
      return find(a, b, c) >= 0;
    },
    add(a, b, c) {
      if ((a | b | c) === 0) zero = true;
      else {
        const at = find(a, b, c);
        if (at >= 0) return;
        words[~at] = a;
        words[~at + 1] = b;
        words[~at + 2] = c;
      }
      table.size++;
    },
    clear() {
      words.fill(0);
      zero = false;
      table.size = 0;
      table.newestMs = 0;
    },
  };
  return table;
}
