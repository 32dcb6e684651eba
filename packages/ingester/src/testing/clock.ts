import type { Clock } from "@dropscope/model";

/** A clock that a test moves by hand. */
export interface ManualClock extends Clock {
  /** Moves on, runs what falls due in order, and lets promises settle after each. */
  pass(ms: number): Promise<void>;
}

export function createManualClock(start = Date.parse("2026-03-01T12:00:00Z")): ManualClock {
  let now = start;
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async pass(ms) {
      const until = now + ms;
      for (;;) {
        const next = [...timers].filter((t) => t.at <= until).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.run();
        await settle();
      }
      now = until;
      await settle();
    },
  };
}

/** Promises that wait for promises, not for the network. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
