/** Chance with a seed: the same seed gives the same numbers on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole number in [0, limit). */
  below(limit: number): number;
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** `length` characters of `alphabet`. */
  text(length: number, alphabet: string): string;
  /** A random (version 4) UUID. */
  uuid(): string;
  /** An independent stream, so that one part's draws do not move another's. */
  fork(name: string): Random;
}

/** What Kubernetes draws generated names from: no vowels, no look-alikes. */
export const NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
export const HEX = "0123456789abcdef";

export function createRandom(seed: string): Random {
  const step = sfc32(hash(seed, 1), hash(seed, 2), hash(seed, 3), hash(seed, 4));
  const next = (): number => step() / 4_294_967_296;
  const below = (limit: number): number => Math.floor(next() * limit);
  const text = (length: number, alphabet: string): string => {
    let out = "";
    for (let i = 0; i < length; i++) out += alphabet.charAt(below(alphabet.length));
    return out;
  };
  return {
    next,
    below,
    text,
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    pick: (list) => {
      const chosen = list[below(list.length)];
      if (chosen === undefined) throw new RangeError("nothing to pick from");
      return chosen;
    },
    uuid: () => formatUuid(step(), step(), step(), step()),
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}

function formatUuid(a: number, b: number, c: number, d: number): string {
  const hex = [a, b, c, d].map((word) => word.toString(16).padStart(8, "0")).join("");
  const variant = HEX.charAt(8 + (c >>> 30));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** FNV-1a with a salt and a final mix: spreads short seeds over 32 bits. */
function hash(text: string, salt: number): number {
  let state = (2_166_136_261 ^ Math.imul(salt, 2_654_435_761)) >>> 0;
  for (let i = 0; i < text.length; i++) {
    state = Math.imul(state ^ text.charCodeAt(i), 16_777_619) >>> 0;
  }
  state = Math.imul(state ^ (state >>> 15), 2_246_822_507) >>> 0;
  return (state ^ (state >>> 13)) >>> 0;
}

/** The public-domain generator "small fast counter" with 128 bits of state. */
function sfc32(a: number, b: number, c: number, counter: number): () => number {
  const step = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) step();
  return step;
}
