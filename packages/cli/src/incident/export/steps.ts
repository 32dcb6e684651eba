import type { IncidentRange } from "./range.js";
import { msOf } from "./times.js";

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const NICE = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map((count) => count * HOUR),
];
const MOST_STEPS = 120;

/** The least step that is easy to read and makes at most 120 bars of the range, ms. */
export function stepOf({ since, until }: IncidentRange, least: number = SECOND): number {
  const span = msOf(until) - msOf(since) + 1;
  const nice = NICE.find((step) => step >= least && span / step <= MOST_STEPS);
  return nice ?? Math.ceil(span / MOST_STEPS / (24 * HOUR)) * 24 * HOUR;
}

/** Drops of one problem in equal steps. A packet that two events tell counts once. */
export interface Trend {
  add(atMs: number, drops: number, verdicts: number): void;
  counts(): number[];
}

export function createTrend(from: number, stepMs: number, steps: number): Trend {
  const drops = new Float64Array(steps);
  const verdicts = new Float64Array(steps);
  return {
    add(atMs, told, judged) {
      const at = Math.floor((atMs - from) / stepMs);
      if (at < 0 || at >= steps) return;
      drops[at] = (drops[at] ?? 0) + told;
      verdicts[at] = (verdicts[at] ?? 0) + judged;
    },
    counts: () => [...drops].map((count, at) => Math.max(count, verdicts[at] ?? 0)),
  };
}
