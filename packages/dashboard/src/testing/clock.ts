import type { Clock } from "@dropscope/model";

/** A clock that a test moves by hand. */
export interface TestClock extends Clock {
  /** Moves on and runs what falls due, in order; lets promises settle after each. */
  pass(ms: number): Promise<void>;
}

interface Timer {
  at: number;
  run: () => void;
}

export function createTestClock(start = Date.parse("2026-03-01T12:00:00Z")): TestClock {
  let now = start;
  const timers = new Set<Timer>();

  function due(until: number): Timer | undefined {
    const ready = [...timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at);
    return ready[0];
  }

  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async pass(ms) {
      const until = now + ms;
      for (let timer = due(until); timer !== undefined; timer = due(until)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.run();
        await settle();
      }
      now = until;
      await settle();
    },
  };
}

/** Promises that wait for other promises only, not for I/O. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
