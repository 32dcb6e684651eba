/**
 * The 128-bit ids seen lately, in two generations of open-addressing tables:
 *
 *     young ──full──▶ old ──next full──▶ forgotten
 *       ▲ a hit in old is written to young again: what keeps coming stays known
 *
 * Nothing is a string or an object, so a million ids cost 21 to 43 MiB and no garbage.
 * An id is forgotten only when a whole generation is; `horizonMs` then says up to
 * which flow time the memory is no longer complete, and a resume must not ask for
 * anything older.
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
  /** Memory for both generations. Default 64 MiB: the newest 1,572,864 ids are certain, 39 s at 40,000 flows/s. */
  maxBytes?: number;
  /** Wall clock in ms: a flow "from the future" must not move the horizon past now. */
  now?: () => number;
}

const BYTES_PER_SLOT = 16;
const FILL = 0.75;

function slotsFor(maxBytes: number): number {
  return 2 ** Math.max(4, Math.floor(Math.log2(maxBytes / 2 / BYTES_PER_SLOT)));
}

/** The newest ids that are certain to be remembered: one generation. More than that need not be seeded. */
export function recentIdsCapacity(maxBytes: number): number {
  return Math.floor(slotsFor(maxBytes) * FILL);
}

export function createRecentIds(options: RecentIdsOptions = {}): RecentIds {
  const maxBytes = options.maxBytes ?? 64 << 20;
  const now = options.now ?? Date.now;
  const slots = slotsFor(maxBytes);
  const limit = Math.floor(slots * FILL);
  let young = createTable(slots);
  let old = createTable(slots);
  let horizonMs = 0;

  function isRepeat(bytes: Uint8Array, at: number, timeMs: number): boolean {
    const a = word(bytes, at);
    const b = word(bytes, at + 4);
    const c = word(bytes, at + 8);
    const d = word(bytes, at + 12);
    if (young.has(a, b, c, d)) return true;
    const known = old.has(a, b, c, d);
    if (young.size >= limit) turn();
    young.add(a, b, c, d);
    if (timeMs > young.newestMs && timeMs <= now()) young.newestMs = timeMs;
    return known;
  }

  function turn(): void {
    if (old.newestMs > horizonMs) horizonMs = old.newestMs;
    const empty = old;
    empty.clear();
    old = young;
    young = empty;
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
      return young.size + old.size;
    },
  };
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  );
}

interface Table {
  size: number;
  newestMs: number;
  has(a: number, b: number, c: number, d: number): boolean;
  add(a: number, b: number, c: number, d: number): void;
  clear(): void;
}

/** Linear probing; the all-zero id marks a free slot, so it is kept as a flag. */
function createTable(slots: number): Table {
  const words = new Uint32Array(slots * 4);
  const mask = slots - 1;
  let zero = false;

  // Hostile senders choose their uuids; a per-process seed keeps them from choosing collisions.
  const salt = (Math.random() * 0x1_0000_0000) >>> 0;
  function find(a: number, b: number, c: number, d: number): number {
    let h = Math.imul(a ^ salt, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 15) ^ c, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f);
    let slot = (h ^ (h >>> 13)) & mask;
    for (;;) {
      const at = slot * 4;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d)
        return at;
      if ((words[at]! | words[at + 1]! | words[at + 2]! | words[at + 3]!) === 0) return ~at;
      slot = (slot + 1) & mask;
    }
  }

  const table: Table = {
    size: 0,
    newestMs: 0,
    has(a, b, c, d) {
      if ((a | b | c | d) === 0) return zero;
      return find(a, b, c, d) >= 0;
    },
    add(a, b, c, d) {
      if ((a | b | c | d) === 0) zero = true;
      else {
        const at = find(a, b, c, d);
        if (at >= 0) return;
        words[~at] = a;
        words[~at + 1] = b;
        words[~at + 2] = c;
        words[~at + 3] = d;
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
