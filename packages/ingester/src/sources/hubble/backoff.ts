/** Exponential 1 s … 30 s with jitter, so that many clients of a relay that comes back do not come at once. */
export interface Backoff {
  /** ms to wait before the next try. */
  next(): number;
  /** The server was fine: the next failure starts at the beginning. */
  reset(): void;
}

export function createBackoff(options: {
  random: () => number;
  firstMs?: number;
  longestMs?: number;
}): Backoff {
  const first = options.firstMs ?? 1_000;
  const longest = options.longestMs ?? 30_000;
  let tries = 0;
  return {
    next() {
      const full = Math.min(longest, first * 2 ** Math.min(tries, 30));
      tries++;
      return full * (0.5 + options.random() / 2);
    },
    reset() {
      tries = 0;
    },
  };
}
