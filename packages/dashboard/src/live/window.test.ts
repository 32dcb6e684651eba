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

  test("goes on from a timeline, adds, and forgets what slides out", () => {
    const { from, to } = windowAt(NOW);
    const window = createDropWindow({
      ...EMPTY,
      from,
      to,
      series: [{ key: "POLICY_DENIED", counts: [7, 0, 3] }],
    });
    expect(window.add([[to - 1_000, "POLICY_DENIED", 5]], NOW)).toHaveLength(1);
    expect(sum(window, NOW)).toBe(15);
    expect(sum(window, NOW + 1_000)).toBe(8);
    expect(sum(window, NOW + WINDOW_MS)).toBe(0);
    expect(window.timeline(NOW + WINDOW_MS, []).series).toEqual([]);
  });

  test("what is older or much later than the window is left out, and said to be", () => {
    const window = createDropWindow(EMPTY);
    const { from, to } = windowAt(NOW);
    const counts: DropCount[] = [
      [from - 1_000, "A", 1],
      [0, "A", 1],
      [to + AHEAD_MS, "A", 1],
      [Date.parse("2200-01-01"), "A", 1],
      [to + 60_000, "A", 1],
    ];
    expect(window.add(counts, NOW)).toEqual([[to + 60_000, "A", 1]]);
    const { series, to: end } = window.timeline(NOW, []);
    expect(end).toBe(to + 61_000);
    expect(series[0]?.counts.at(-1)).toBe(1);
  });

  test("any sequence: sums agree with a plain list, and memory is bounded", () => {
    const step = fc.record({
      pass: fc.integer({ min: 0, max: 120_000 }),
      counts: fc.array(
        fc.tuple(fc.integer({ min: -1_200, max: 400 }), fc.constantFrom("A", "B"), fc.nat(9)),
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const window = createDropWindow(EMPTY);
        let now = NOW;
        let kept: DropCount[] = [];
        for (const { pass, counts } of steps) {
          now += pass;
          const { from } = windowAt(now);
          const timed = counts.map(([offset, reason, count]): DropCount => [
            windowAt(now).to + offset * 1_000,
            reason,
            count,
          ]);
          kept = [...kept, ...window.add(timed, now)].filter(([second]) => second >= from);
        }
        expect(sum(window, now)).toBe(kept.reduce((total, [, , count]) => total + count, 0));
        const { series } = window.timeline(now, []);
        for (const { counts } of series) expect(counts.length).toBeLessThanOrEqual(1_200);
      }),
    );
  });
});
