import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../config.js";
import { Problem } from "../problem.js";
import { type AskedRanges, parseRanges } from "./ranges.js";

const NOW = Date.parse("2026-04-01T12:00:00Z");
const MINUTE = 60_000;
const ms = (ns: bigint): number => Number(ns / 1_000_000n);
const parsed = (asked: AskedRanges): ReturnType<typeof parseRanges> =>
  parseRanges(asked, NOW, DEFAULT_LIMITS);

function refusal(asked: AskedRanges): string {
  try {
    parsed(asked);
  } catch (error) {
    if (error instanceof Problem) return `${error.status} ${error.code} ${error.message}`;
    throw error;
  }
  return "taken";
}

describe("two ranges", () => {
  test("without the second one it is as much time right before the first, and nothing counts twice", () => {
    const { before, after } = parsed({ since: "1h", until: "now" });
    expect([ms(after.since), ms(after.until)]).toEqual([NOW - 60 * MINUTE, NOW]);
    expect(before.until).toBe(after.since - 1n);
    expect(after.since - before.since).toBe(after.until - after.since);
  });

  test("without either they are the last 15 minutes and those before", () => {
    const { before, after } = parsed({});
    expect(ms(after.since)).toBe(NOW - 15 * MINUTE);
    expect(ms(before.since)).toBe(NOW - 30 * MINUTE);
  });

  test("where one begins as the other ends, the moment belongs to the later one", () => {
    const { before, after } = parsed({
      since: "1h",
      until: "now",
      withSince: "2h",
      withUntil: "1h",
    });
    expect(before.until).toBe(after.since - 1n);
    const apart = parsed({ since: "1h", until: "now", withSince: "3h", withUntil: "2h" });
    expect(ms(apart.before.until)).toBe(NOW - 120 * MINUTE);
  });

  test.each<[AskedRanges, string]>([
    [{ since: "1h" }, "400 RANGE_OPEN A range with since and without until has no end."],
    [{ until: "1h" }, "400 RANGE_OPEN A range with until and without since has no beginning."],
    [
      { withUntil: "1h" },
      "400 RANGE_OPEN A range with withUntil and without withSince has no beginning.",
    ],
    [{ since: "1h", until: "2h" }, "400 BAD_RANGE since is later than until."],
    [{ withSince: "1h", withUntil: "2h" }, "400 BAD_RANGE withSince is later than withUntil."],
    [{ since: "1h", until: String(NOW + 2 * MINUTE) }, "400 BAD_RANGE until lies in the future."],
    [{ since: "1h", until: "1h" }, "400 BAD_RANGE From since to until is less than a second."],
    [
      { since: "401d", until: "now" },
      "422 RANGE_TOO_WIDE From since to until is longer than 400 days.",
    ],
  ])("%j: %s", (asked, text) => {
    expect(refusal(asked)).toBe(text);
  });

  test("a clock that runs ahead a little is not the future", () => {
    expect(refusal({ since: "1h", until: String(NOW + 59_000) })).toBe("taken");
  });
});
