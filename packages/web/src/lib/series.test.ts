import type { Timeline } from "@dropscope/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDropWindow, fold, niceStep, withRest } from "./series.js";

const at = (from: number, stepMs: number, series: Record<string, number[]>): Timeline => {
  const length = Object.values(series)[0]?.length ?? 0;
  return {
    from,
    to: from + length * stepMs,
    stepMs,
    series: Object.entries(series).map(([key, counts]) => ({ key, counts })),
    gaps: [],
  };
};

describe("niceStep", () => {
  it.each([
    [900_000, 180, 1000, 5000],
    [900_000, 60, 1000, 15_000],
    [21_600_000, 180, 10_000, 120_000],
    [3_600_000, 9999, 60_000, 60_000],
    [86_400_000 * 400, 10, 3_600_000, 3_456_000_000],
  ])("%d ms in %d bars of at least %d ms takes %d", (span, bars, least, step) => {
    expect(niceStep(span, bars, least)).toBe(step);
  });
});

describe("fold", () => {
  it("makes rates, with bars that start at multiples of the step", () => {
    const bars = fold(at(3000, 1000, { A: [1, 1, 4, 4, 4, 4, 4] }), 2);
    expect(bars).toMatchObject({ from: 0, to: 10_000, stepMs: 5000, total: 22 });
    // The first bar holds 2 of its 5 seconds, and its rate is over those two.
    expect([...(bars.series[0]?.rates ?? [])]).toEqual([1, 4]);
  });

  it("the last bar counts only the time that has passed", () => {
    const bars = fold(at(0, 1000, { A: [0, 0, 0, 0, 0, 6, 6, 0, 0, 0] }), 2, 7000);
    expect(bars.series[0]?.rates[1]).toBe(6);
  });

  it("loses no drop, whatever the step", () => {
    const counts = fc.array(fc.nat(50), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(
        counts,
        fc.integer({ min: 1, max: 200 }),
        fc.nat(100_000),
        (list, size, second) => {
          const timeline = at(second * 1000, 1000, { A: list });
          const bars = fold(timeline, size);
          expect(bars.total).toBe(list.reduce((sum, value) => sum + value, 0));
          expect(bars.series[0]?.total).toBe(bars.total);
        },
      ),
    );
  });

  it("sums what has no series of its own", () => {
    const bars = withRest(fold(at(0, 1000, { A: [9], B: [5], C: [2], D: [1] }), 1), 3, "rest");
    expect(bars.series.map(({ key, total }) => [key, total])).toEqual([
      ["A", 9],
      ["B", 5],
      ["rest", 3],
    ]);
  });
});

describe("the drop window", () => {
  it("holds the last fifteen minutes and nothing else", () => {
    const window = createDropWindow(900_000);
    window.add(1_000_000, "A", 3);
    window.add(1_000_400, "A", 2);
    expect(window.total(1_000_900)).toBe(5);
    expect(window.total(1_000_000 + 899_000)).toBe(5);
    expect(window.total(1_000_000 + 900_000)).toBe(0);
  });

  it("takes late counts into their second, and forgets what is too late", () => {
    const window = createDropWindow(900_000);
    window.add(2_000_000, "A", 1);
    window.add(1_990_000, "A", 7);
    window.add(900_000, "A", 100);
    expect(window.total(2_000_000)).toBe(8);
    const { series, from } = window.at(2_000_000);
    expect(series[0]?.counts[(1_990_000 - from) / 1000]).toBe(7);
  });

  it("reuses its slots without old counts after a long silence", () => {
    const window = createDropWindow(900_000);
    window.add(0, "A", 5);
    window.add(50_000_000, "B", 1);
    expect(window.total(50_000_000)).toBe(1);
    window.add(50_000_000 + 1_024_000, "A", 2);
    expect(window.total(50_000_000 + 1_024_000)).toBe(2);
  });

  it("starts over from a snapshot", () => {
    const window = createDropWindow(900_000);
    window.add(1_000_000, "OLD", 5);
    window.load(at(1_000_000, 1000, { A: [1, 0, 2] }));
    expect(window.at(1_002_000).series).toHaveLength(1);
    expect(window.total(1_002_000)).toBe(3);
  });

  it("equals a plain sum for any order of seconds within the window", () => {
    const adds = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 890 }), fc.integer({ min: 1, max: 9 })),
    );
    fc.assert(
      fc.property(adds, (list) => {
        const window = createDropWindow(900_000);
        for (const [second, count] of list) window.add(5_000_000 + second * 1000, "A", count);
        const sum = list.reduce((all, [, count]) => all + count, 0);
        expect(window.total(5_000_000 + 890_000)).toBe(sum);
      }),
    );
  });
});
