import type { Clock } from "@dropscope/model";

/** A bucket of permissions that fills up again evenly. */
export interface Rate {
  /** Takes one permission; gives how long to wait (ms) when there is none, and takes nothing then. */
  take(): number;
}

/** @param burst permissions at the start, and at most @param perMinute how many come back each minute */
export function createRate(
  clock: Pick<Clock, "now">,
  { burst, perMinute }: { readonly burst: number; readonly perMinute: number },
): Rate {
  const everyMs = 60_000 / perMinute;
  let left = burst;
  let at = clock.now();
  return {
    take() {
      const now = clock.now();
      // A clock that was set back gives nothing, and takes nothing away.
      left = Math.min(burst, left + Math.max(0, now - at) / everyMs);
      at = now;
      if (left >= 1) {
        left -= 1;
        return 0;
      }
      return Math.ceil((1 - left) * everyMs);
    },
  };
}
