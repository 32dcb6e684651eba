import type { Clock } from "@dropscope/model";

/** Real time, `speed` times faster: for tests over a real network whose waits are seconds to minutes. */
export function createFastClock(speed: number): Clock {
  const begin = Date.now();
  return {
    now: () => begin + (Date.now() - begin) * speed,
    after(ms, run) {
      const timer = setTimeout(run, ms / speed);
      return () => clearTimeout(timer);
    },
  };
}
