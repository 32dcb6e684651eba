import type { Timeline } from "@dropscope/model";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AHEAD_MS, createDropWindow, type DropCount, WINDOW_MS, windowAt } from "./window.js";

const NOW = Date.parse("2026-03-01T12:00:00.400Z");
const EMPTY = { from: 0, to: 0, stepMs: 1_000, series: [], gaps: [] };
const sum = (window: ReturnType<typeof createDropWindow>, now: number) =>
  window
    .timeline(now, [])
    .series.flatMap((one) => one.counts)
    .reduce((total, count) => total + count, 0);

describe("the window of drops", () => {
  test("holds 900 whole seconds, the running one included", () => {
    const { from, to } = windowAt(NOW);
    expect(to - from).toBe(WINDOW_MS);
    expect(to).toBe(Date.parse("2026-03-01T12:00:01Z"));
    const timeline = createDropWindow(EMPTY).timeline(NOW, []);
    expect(timeline).toEqual({ from, to, stepMs: 1_000, series: [], gaps: [] });
  });

  test("goes on from a timeline, takes totals, tells what they add, and forgets what slides out", () => {
    const { from, to } = windowAt(NOW);
    const first = { ...EMPTY, from, to, series: [{ key: "DENIED", counts: [7, 0, 3] }] };
    const window = createDropWindow(first);
    const last = to - 1_000;
    expect(window.set([last], totals(last, "DENIED", [5]), NOW)).toEqual([[last, "DENIED", 5]]);
    expect(window.set([last], totals(last, "DENIED", [6]), NOW)).toEqual([[last, "DENIED", 1]]);
    expect(window.set([last], totals(last, "DENIED", [6]), NOW)).toEqual([]);
    expect(sum(window, NOW)).toBe(16);
    expect(sum(window, NOW + 1_000)).toBe(9);
    expect(sum(window, NOW + WINDOW_MS)).toBe(0);
    expect(window.timeline(NOW + WINDOW_MS, []).series).toEqual([]);
  });

  test("only the seconds asked for are taken from totals that span more", () => {
    const { to } = windowAt(NOW);
    const window = createDropWindow(EMPTY);
    const from = to - 5_000;
    const more = window.set([from, from + 4_000], totals(from, "A", [1, 9, 9, 9, 2]), NOW);
    expect(more).toEqual([
      [from, "A", 1],
      [from + 4_000, "A", 2],
    ]);
  });

  test("what is older or much later than the window is not held", () => {
    const window = createDropWindow(EMPTY);
    const { from, to } = windowAt(NOW);
    const seconds = [from - 1_000, 0, to + AHEAD_MS, Date.parse("2200-01-01"), to + 60_000, from];
    const counts = seconds.map((second): DropCount => [second, "A", 1]);
    expect(window.held([...counts, ...counts], NOW)).toEqual([to + 60_000, from]);
    window.set([to + 60_000], totals(to + 60_000, "A", [1]), NOW);
    const { series, to: end } = window.timeline(NOW, []);
    expect(end).toBe(to + 61_000);
    expect(series[0]?.counts.at(-1)).toBe(1);
  });

  test("any sequence: what was added equals what is shown, and memory is bounded", () => {
    const step = fc.record({
      pass: fc.integer({ min: 0, max: 120_000 }),
      counts: fc.array(fc.tuple(fc.integer({ min: -1_200, max: 400 }), fc.constantFrom("A", "B"))),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const window = createDropWindow(EMPTY);
        const truth = new Map<string, number>();
        let now = NOW;
        let told: DropCount[] = [];
        for (const { pass, counts } of steps) {
          now += pass;
          const { from, to } = windowAt(now);
          for (const [offset, reason] of counts) {
            const second = to + offset * 1_000;
            const count = (truth.get(`${second} ${reason}`) ?? 0) + 1;
            truth.set(`${second} ${reason}`, count);
            const seconds = window.held([[second, reason, 1]], now);
            told.push(...window.set(seconds, totals(second, reason, [count]), now));
          }
          told = told.filter(([second]) => second >= from);
        }
        expect(sum(window, now)).toBe(told.reduce((total, [, , count]) => total + count, 0));
        const { series } = window.timeline(now, []);
        for (const { counts } of series) expect(counts.length).toBeLessThanOrEqual(1_200);
      }),
    );
  });
});

function totals(from: number, key: string, counts: number[]): Timeline {
  return {
    from,
    to: from + counts.length * 1_000,
    stepMs: 1_000,
    series: [{ key, counts }],
    gaps: [],
  };
}
