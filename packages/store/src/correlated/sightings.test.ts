import { EPISODE_MS } from "@dropscope/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sightingsAt } from "./sightings.js";

const MINUTE = 60_000;
const minute = (n: number): number => n * MINUTE;
const state = (at: number, minutes: number[], first = (minutes[0] ?? 0) + 1): string | undefined =>
  sightingsAt(at, first, minutes, EPISODE_MS)?.state;

test("the state is that of the moment, whatever came later", () => {
  const minutes = [minute(100), minute(101), minute(140), minute(141)];
  expect(state(minute(100), minutes)).toBeUndefined();
  expect(state(minute(101), minutes)).toBe("new");
  expect(state(minute(120), minutes)).toBe("resolved");
  expect(state(minute(142), minutes)).toBe("back");
  expect(state(minute(170), minutes)).toBe("resolved");
});

test("what goes on without a pause is ongoing, and what was before the minutes that were read counts", () => {
  const minutes = Array.from({ length: 40 }, (_, n) => minute(100 + n));
  expect(state(minute(110), minutes)).toBe("new");
  expect(state(minute(130), minutes)).toBe("ongoing");
  expect(state(minute(101), [minute(100)], minute(3))).toBe("back");
});

test("nothing later than the moment changes the answer", () => {
  const minutes = fc.uniqueArray(fc.nat(400).map(minute), { minLength: 1 });
  fc.assert(
    fc.property(minutes, fc.nat(500 * MINUTE), (all, at) => {
      const first = Math.min(...all) + 1;
      const known = all.filter((one) => one <= at);
      expect(sightingsAt(at, first, all, EPISODE_MS)).toEqual(
        sightingsAt(at, first, known, EPISODE_MS),
      );
    }),
  );
});
