import { expect, test } from "vitest";
import { NO_NAMES, withName } from "./name-set.js";

const of = (count: number) =>
  Array.from({ length: count }, (_, i) => `ns/pod-${i}`).reduce(withName, NO_NAMES);

test("names are there once, and none that is empty", () => {
  const set = withName(withName(withName(NO_NAMES, "a"), "b"), "a");
  expect(set).toMatchObject({ names: ["a", "b"], count: 2 });
  expect(withName(set, "")).toBe(set);
});

test.each([1, 50, 51, 256])("%d names are counted exactly, 50 are named", (count) => {
  expect(of(count)).toMatchObject({ count });
  expect(of(count).names).toHaveLength(Math.min(50, count));
});

test.each([1_000, 20_000])("%d names are counted within a few percent", (count) => {
  const set = of(count);
  expect(set.sketch).toHaveLength(256);
  expect(Math.abs(set.count - count) / count).toBeLessThan(0.15);
});

test("a name that was seen changes nothing, however many there are", () => {
  const set = of(1_000);
  for (let i = 0; i < 1_000; i += 1) expect(withName(set, `ns/pod-${i}`)).toBe(set);
});
