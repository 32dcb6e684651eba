import type { Clock } from "@dropscope/model";

/** Counts uses per key in a sliding minute, in bounded memory. */
export interface RateLimit {
  /** Takes one use. 0 when it is granted, else seconds until the next one is. */
  take(key: string): number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** More keys than this at once is an attack; the longest unused are forgotten, which only favours them. */
const MAX_KEYS = 10_000;

/** A token bucket per key: `perMinute` at once, refilled evenly. */
export function createRateLimit(clock: Clock, perMinute: (key: string) => number): RateLimit {
  const buckets = new Map<string, Bucket>();

  return {
    take(key) {
      const limit = perMinute(key);
      const now = clock.now();
      const bucket = buckets.get(key) ?? { tokens: limit, at: now };
      const refill = (Math.max(0, now - bucket.at) / 60_000) * limit;
      bucket.tokens = Math.min(limit, bucket.tokens + refill);
      bucket.at = now;
      // Re-inserted, so that the map stays in order of last use.
      buckets.delete(key);
      buckets.set(key, bucket);
      if (buckets.size > MAX_KEYS) buckets.delete(buckets.keys().next().value as string);
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return 0;
      }
      return Math.max(1, Math.ceil(((1 - bucket.tokens) / limit) * 60));
    },
  };
}
