import * as fc from "fast-check";
import { expect, test } from "vitest";
import { settleTimes } from "./times.js";

const T = 1_700_000_000_000;

test.each([
  ["in order", [1, 2, 3], [1, 2, 3], []],
  ["of one second", [1, 1, 1], [1, 1.001, 1.002], []],
  ["one too late", [1, 99, 3, 4], [1, 1.001, 3, 4], [1]],
  ["one too early", [10, 11, 1, 12], [10, 11, 11.001, 12], [2]],
  [
    "rewritten: the newer ones are older",
    [50, 51, 10, 11, 12],
    [10, 10.001, 10.002, 11, 12],
    [0, 1],
  ],
  ["without a time", [1, Number.NaN, 3], [1, 1.001, 3], [1]],
  ["the first without a time", [Number.NaN, 2, 3], [2, 2.001, 3], [0]],
  ["none with one", [Number.NaN, Number.NaN], [0, 0.001], [0, 1]],
  ["none at all", [], [], []],
])("times that are %s", (_, told, at, doubted) => {
  const found = settleTimes(told);
  expect(found.doubted).toEqual(doubted);
  expect(found.at).toHaveLength(at.length);
  for (const [i, time] of at.entries()) expect(found.at[i]).toBeCloseTo(time, 6);
});

test("times grow, and as many as can be are believed", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 8 }), (seconds) => {
      const told = seconds.map((one) => T + one * 1000);
      const { at, doubted } = settleTimes(told);
      for (const [i, time] of at.entries()) if (i > 0) expect(time).toBeGreaterThan(at[i - 1]!);
      expect(told.length - doubted.length).toBe(longest(told));
      for (const [i, time] of at.entries())
        if (!doubted.includes(i)) expect(time - told[i]!).toBeLessThan(1);
    }),
  );
});

/** By trying every choice. */
function longest(values: readonly number[]): number {
  let most = 0;
  for (let choice = 0; choice < 2 ** values.length; choice += 1) {
    const chosen = values.filter((_, i) => choice & (1 << i));
    if (chosen.every((value, i) => i === 0 || value >= chosen[i - 1]!))
      most = Math.max(most, chosen.length);
  }
  return most;
}
