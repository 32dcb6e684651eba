import { expect, test } from "vitest";
import { perDayOf } from "./per-day.js";

const noon = Date.parse("2026-11-20T12:00:00Z");
const day = (name: string, bytes: number, table = "flows") => ({ table, day: name, bytes });

test("the average of the newest whole days; the present one does not count", () => {
  const days = ["17", "18", "19", "20"].map((date, at) => day(`2026-11-${date}`, (at + 1) * 100));
  expect(perDayOf(days, noon)).toEqual({ bytes: 200, days: 3 });
});

test("only the newest seven", () => {
  const days = Array.from({ length: 10 }, (_, at) => day(`2026-11-${at + 10}`, at < 3 ? 9000 : 70));
  expect(perDayOf(days, noon)).toEqual({ bytes: 70, days: 7 });
});

test("tables of one class add up", () => {
  const days = [day("2026-11-19", 100), day("2026-11-19", 50, "explanations")];
  expect(perDayOf(days, noon)).toEqual({ bytes: 150, days: 1 });
  const steady = { table: "gaps", spanMs: 4 * 86_400_000, bytes: 400 };
  expect(perDayOf([...days, steady], noon)).toEqual({ bytes: 250, days: 1 });
});

test("on the first day, as far as it has come; at its beginning nothing is said", () => {
  expect(perDayOf([day("2026-11-20", 100)], noon)).toEqual({ bytes: 200, days: 0 });
  expect(perDayOf([day("2026-11-20", 100)], Date.parse("2026-11-20T00:05:00Z"))).toBeUndefined();
  expect(perDayOf([], noon)).toBeUndefined();
});
