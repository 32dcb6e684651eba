import * as fc from "fast-check";
import { expect, test } from "vitest";
import { stepsOf } from "./steps.js";

const HOUR_NS = 3_600_000_000_000n;

test("every hour of the range falls into one step, none outside does, and the newest step is last", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1_000 }),
      fc.integer({ min: 0, max: 2_000 }),
      (first, more) => {
        const last = first + more;
        const steps = stepsOf(BigInt(first) * HOUR_NS + 5n, BigInt(last) * HOUR_NS + 7n);
        expect(steps.count).toBeGreaterThan(0);
        expect(steps.count).toBeLessThanOrEqual(168);
        const hours = Array.from({ length: more + 3 }, (_, index) => first - 1 + index);
        const trend = Array.from({ length: steps.count }, () => 0);
        steps.add(
          trend,
          hours,
          hours.map(() => 1),
          1,
        );
        // What is before the range may share the first step when that is not full.
        const inside = trend.reduce((sum, one) => sum + one, 0);
        expect(inside).toBeGreaterThanOrEqual(more + 1);
        expect(inside).toBeLessThanOrEqual(more + 2);
        const newest = Array.from({ length: steps.count }, () => 0);
        steps.add(newest, [last], [3], 1);
        expect(newest.at(-1)).toBe(3);
      },
    ),
  );
});
