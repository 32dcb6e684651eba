import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { patternOf, periodOf } from "./pattern.js";
import { every } from "./testing.js";

const week = every(1);

describe("how traffic comes back", () => {
  test.each([
    ["all along", every(1), "regular"],
    ["now and then", [3, 4, 9, 40, 41, 77, 160], "regular"],
    ["in hours of work", every(1).filter((hour) => hour % 24 > 8), "regular"],
    ["every night", every(24, 2), "periodic"],
    [
      "every night, over midnight and for two hours",
      every(24, 23).flatMap((h) => [h, h + 1]),
      "periodic",
    ],
    ["every six hours, one run missed", every(6).filter((hour) => hour !== 36), "periodic"],
    ["twice, a day apart", [30, 54], "periodic"],
    ["twice, at odd hours", [30, 61], "regular"],
    ["in one hour", [30], "once"],
    ["over the turn of an hour", [30, 31], "once"],
  ])("%s is %s", (_, hours, pattern) => {
    expect(patternOf(hours, week)).toBe(pattern);
  });

  test("cannot be told from a few hours", () => {
    expect(patternOf([3], every(1, 0, 8))).toBe("regular");
  });

  test("a period survives a shift in time and an hour of jitter", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 6, max: 48 }),
        fc.integer({ min: 0, max: 1000 }),
        fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 5, maxLength: 12 }),
        (period, start, jitter) => {
          const hours = jitter.map((late, at) => start + at * period + late);
          const found = periodOf(hours);
          expect(found).toBeDefined();
          expect(Math.abs((found ?? 0) - period)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
