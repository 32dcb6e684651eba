import { expect, test } from "vitest";
import { everyHour } from "../rules/testing.js";
import { cleanDays } from "./clean-days.js";

const HOUR_NS = 3_600_000_000_000n;
const range = (hours: readonly number[], from = 0, to = 167) => ({
  sinceNs: BigInt(from) * HOUR_NS,
  untilNs: BigInt(to + 1) * HOUR_NS - 1n,
  hours,
});

test.each<[string, ReturnType<typeof range>, readonly number[], number]>([
  ["a week in which nothing broke", range(everyHour(168)), [], 7],
  ["what broke in the first hour spoils the first day", range(everyHour(168)), [0], 6],
  ["what broke in the last hour spoils all", range(everyHour(168)), [167], 0],
  ["days of which nothing is stored prove nothing", range([]), [], 0],
  [
    "a gap of a day ends the row",
    range(everyHour(168).filter((hour) => hour < 72 || hour >= 96)),
    [],
    3,
  ],
  ["a few missing hours do not", range(everyHour(168).filter((hour) => hour % 24 >= 5)), [], 7],
  ["less than a day is none", range(everyHour(168), 150), [], 0],
])("%s", (_name, traffic, broken, days) => {
  expect(
    cleanDays(
      traffic,
      broken.map((hour) => ({ hours: [hour] })),
    ),
  ).toBe(days);
});
