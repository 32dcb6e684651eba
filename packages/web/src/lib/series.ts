/** Counts over time: the live window by second, and folding into bars. Pure. */
import type { Timeline } from "@dropscope/model";

const NICE_SECONDS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400,
];

/** The smallest round step (ms, a multiple of `least`) that needs at most `bars` bars for `spanMs`. */
export function niceStep(spanMs: number, bars: number, least = 1000): number {
  const wanted = Math.max(least, spanMs / Math.max(1, bars));
  for (const seconds of NICE_SECONDS) {
    const step = seconds * 1000;
    if (step >= wanted && step % least === 0) return step;
  }
  return Math.ceil(wanted / least) * least;
}

/** Bars, one per step. `rates[i]` is per second in [from + i·step, from + (i+1)·step). */
export interface Bars {
  from: number;
  to: number;
  stepMs: number;
  length: number;
  /** Largest total first. */
  series: { key: string; total: number; rates: Float64Array }[];
  /** Sum over all series and bars. */
  total: number;
}

/**
 * Folds a timeline into at most about `bars` bars. Bars start at multiples of the step, so that they stand still
 * while time moves. `until` cuts the last bar: its rate is over the part that has passed.
 */
export function fold(timeline: Timeline, bars: number, until = timeline.to): Bars {
  const stepMs = niceStep(timeline.to - timeline.from, bars, timeline.stepMs);
  const from = Math.floor(timeline.from / stepMs) * stepMs;
  const to = Math.max(from + stepMs, Math.ceil(timeline.to / stepMs) * stepMs);
  const length = Math.round((to - from) / stepMs);
  let sum = 0;
  const series = timeline.series.map(({ key, counts }) => {
    const rates = new Float64Array(length);
    let total = 0;
    for (let index = 0; index < counts.length; index++) {
      const value = counts[index] ?? 0;
      if (value === 0) continue;
      const bar = Math.floor((timeline.from + index * timeline.stepMs - from) / stepMs);
      if (bar < 0 || bar >= length) continue;
      rates[bar] = (rates[bar] ?? 0) + value;
      total += value;
    }
    for (let bar = 0; bar < length; bar++) {
      const start = Math.max(from + bar * stepMs, timeline.from);
      const end = Math.min(from + (bar + 1) * stepMs, Math.max(until, start + timeline.stepMs));
      rates[bar] = (rates[bar] ?? 0) / (Math.max(timeline.stepMs, end - start) / 1000);
    }
    sum += total;
    return { key, total, rates };
  });
  series.sort((left, right) => right.total - left.total || (left.key < right.key ? -1 : 1));
  return { from, to, stepMs, length, series, total: sum };
}

/** At most `most` series; the smallest are summed as `key`. */
export function withRest(bars: Bars, most: number, key: string): Bars {
  if (bars.series.length <= most) return bars;
  const rest = { key, total: 0, rates: new Float64Array(bars.length) };
  for (const { total, rates } of bars.series.slice(most - 1)) {
    rest.total += total;
    for (let index = 0; index < bars.length; index++) {
      rest.rates[index] = (rest.rates[index] ?? 0) + (rates[index] ?? 0);
    }
  }
  return { ...bars, series: [...bars.series.slice(0, most - 1), rest] };
}

const SLOTS = 1024;

/** The last `windowMs` of drops by reason, one slot a second. Late counts land in their second, too late ones nowhere. */
export interface DropWindow {
  load(timeline: Timeline): void;
  add(second: number, reason: string, count: number): void;
  /** The window that ends at `now`, as a timeline of one-second steps. */
  at(now: number): Timeline;
  total(now: number): number;
}

export function createDropWindow(windowMs: number): DropWindow {
  const seconds = Math.min(SLOTS - 2, Math.round(windowMs / 1000));
  const rings = new Map<string, Float64Array>();
  let newest = Number.NEGATIVE_INFINITY;

  const slot = (second: number): number => ((second % SLOTS) + SLOTS) % SLOTS;

  function moveTo(second: number): void {
    if (newest === Number.NEGATIVE_INFINITY || second - newest >= SLOTS) {
      for (const ring of rings.values()) ring.fill(0);
    } else {
      for (let each = newest + 1; each <= second; each++) {
        for (const ring of rings.values()) ring[slot(each)] = 0;
      }
    }
    newest = second;
  }

  function add(ms: number, reason: string, count: number): void {
    const second = Math.floor(ms / 1000);
    if (!Number.isFinite(second) || !(count > 0)) return;
    if (second > newest) moveTo(second);
    if (newest - second >= SLOTS - 1) return;
    let ring = rings.get(reason);
    if (!ring) {
      ring = new Float64Array(SLOTS);
      rings.set(reason, ring);
    }
    ring[slot(second)] = (ring[slot(second)] ?? 0) + count;
  }

  function at(now: number): Timeline {
    const end = Math.floor(now / 1000) + 1;
    const start = end - seconds;
    const series: Timeline["series"] = [];
    for (const [key, ring] of rings) {
      const counts = Array.from<number>({ length: seconds }).fill(0);
      let any = false;
      for (let index = 0; index < seconds; index++) {
        const second = start + index;
        if (second > newest || newest - second >= SLOTS - 1) continue;
        const value = ring[slot(second)] ?? 0;
        counts[index] = value;
        any ||= value > 0;
      }
      if (any) series.push({ key, counts });
    }
    return { from: start * 1000, to: end * 1000, stepMs: 1000, series, gaps: [] };
  }

  return {
    add,
    at,
    load(timeline) {
      rings.clear();
      newest = Number.NEGATIVE_INFINITY;
      for (const { key, counts } of timeline.series) {
        counts.forEach((value, index) => add(timeline.from + index * timeline.stepMs, key, value));
      }
    },
    total(now) {
      return at(now).series.reduce(
        (sum, { counts }) => sum + counts.reduce((all, value) => all + value, 0),
        0,
      );
    },
  };
}
