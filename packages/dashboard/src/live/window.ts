import type { Gap, Timeline } from "@dropscope/model";

export const WINDOW_MS = 15 * 60_000;
/** Clocks of nodes run ahead; what is further ahead than this is not drawn. */
export const AHEAD_MS = 5 * 60_000;
const SECOND = 1_000;

export type DropCount = [second: number, reason: string, count: number];

/** Drops by reason and second over the last 15 minutes, in memory of bounded size. */
export interface DropWindow {
  /** The seconds of these counts that the window holds: those whose totals have to be read anew. */
  held(counts: readonly DropCount[], now: number): number[];
  /**
   * Puts the totals of the given seconds in place of what was there, and returns what that
   * adds. Totals, because a denied packet is told by two events and counted once: two
   * batches that hold one of them each do not add up.
   */
  set(seconds: readonly number[], totals: Timeline, now: number): DropCount[];
  timeline(now: number, gaps: Gap[]): Timeline;
}

/** The span of the window at a moment, ms, start of the first second and end of the last. */
export function windowAt(now: number): { from: number; to: number } {
  const to = Math.floor(now / SECOND) * SECOND + SECOND;
  return { from: to - WINDOW_MS, to };
}

export function createDropWindow(first: Timeline): DropWindow {
  const reasons = new Map<string, Map<number, number>>();

  function held(counts: readonly DropCount[], now: number): number[] {
    const { from, to } = windowAt(now);
    const inside = counts.filter(([second]) => second >= from && second < to + AHEAD_MS);
    return [...new Set(inside.map(([second]) => second))];
  }

  function set(seconds: readonly number[], totals: Timeline, now: number): DropCount[] {
    const added: DropCount[] = [];
    for (const { key, counts } of totals.series) {
      const known = reasons.get(key) ?? new Map<number, number>();
      for (const second of seconds) {
        const total = counts[(second - totals.from) / totals.stepMs] ?? 0;
        const more = total - (known.get(second) ?? 0);
        if (more === 0) continue;
        known.set(second, total);
        added.push([second, key, more]);
      }
      if (known.size > 0) reasons.set(key, known);
    }
    forget(windowAt(now).from);
    return added;
  }

  function forget(before: number): void {
    for (const [reason, seconds] of reasons) {
      for (const second of seconds.keys()) if (second < before) seconds.delete(second);
      if (seconds.size === 0) reasons.delete(reason);
    }
  }

  function timeline(now: number, gaps: Gap[]): Timeline {
    const { from, to } = windowAt(now);
    forget(from);
    const newest = [...reasons.values()].reduce(
      (max, seconds) => Math.max(max, ...seconds.keys()),
      to - SECOND,
    );
    const length = (newest + SECOND - from) / SECOND;
    const series = [...reasons].map(([key, seconds]) => {
      const counts = Array.from<number>({ length }).fill(0);
      for (const [second, count] of seconds) counts[(second - from) / SECOND] = count;
      return { key, counts };
    });
    return { from, to: newest + SECOND, stepMs: SECOND, series, gaps };
  }

  for (const { key, counts } of first.series) {
    const seconds = new Map<number, number>();
    counts.forEach((count, index) => {
      if (count > 0) seconds.set(first.from + index * first.stepMs, count);
    });
    if (seconds.size > 0) reasons.set(key, seconds);
  }

  return { held, set, timeline };
}
