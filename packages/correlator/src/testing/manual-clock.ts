import type { Clock } from "@dropscope/model";

/** A clock that stands still until it is moved; timers that are due then run in order. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
  /** ms until each timer, soonest first. */
  waiting(): number[];
}

export function manualClock(start: number): ManualClock {
  let now = start;
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        const [next] = due;
        if (next === undefined) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = end;
    },
    waiting: () => [...timers].map(({ at }) => at - now).sort((a, b) => a - b),
  };
}

/** Waits for what comes over a real socket or from a real file system. */
export async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 2000; tries += 1) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  throw new Error(`it never happened: ${what}`);
}
