import * as fc from "fast-check";
import { EVERYTHING, LOCAL_VIEWER } from "@dropscope/model";
import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../config.js";
import { parseFilter } from "./filter.js";
import { alignRange, checkSpan, parseRange, parseStep } from "./range.js";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const DAY = 86_400_000;
const range = (since?: string, until?: string) => parseRange({ since, until }, NOW, DEFAULT_LIMITS);
const ofMs = (ms: number) => ({
  since: BigInt(NOW - ms) * 1_000_000n,
  until: BigInt(NOW) * 1_000_000n,
});

describe("ranges", () => {
  test("15 minutes up to now when nothing is said", () => {
    expect(range()).toEqual(ofMs(15 * 60_000));
  });

  test("15 minutes up to `until` when only that is said", () => {
    const { since, until } = range(undefined, "2026-01-01T00:00:00Z");
    expect(until - since).toBe(900_000_000_000n);
  });

  test("turned round, and in the future", () => {
    expect(() => range("1h", "2h")).toThrow("since is later than until");
    expect(() => range("2027-01-01T00:00:00Z")).toThrow("since lies in the future");
  });

  test("absurdly long", () => {
    expect(() => range("0")).toThrow("longer than 400 days");
  });

  test("single flows are read for a day at most; counts of minutes for as long as they are kept", () => {
    const ask = (line: string, ms: number, step?: number) => () =>
      checkSpan(
        ofMs(ms),
        { viewer: LOCAL_VIEWER, selection: parseFilter(line) },
        DEFAULT_LIMITS,
        step,
      );
    expect(ask("--to-port 53", DAY)).not.toThrow();
    expect(ask("--to-port 53", DAY + 1)).toThrow(/24 hours/);
    expect(ask("--not --pod web/shop", DAY + 1)).toThrow(/24 hours/);
    expect(ask("", 90 * DAY)).not.toThrow();
    expect(ask("--verdict DROPPED --namespace payments", 90 * DAY)).not.toThrow();
    expect(ask("", 90 * DAY, 30_000)).toThrow(/24 hours/);
    const scoped = { ...LOCAL_VIEWER, namespaces: ["web"] };
    expect(() =>
      checkSpan(ofMs(2 * DAY), { viewer: scoped, selection: EVERYTHING }, DEFAULT_LIMITS),
    ).toThrow();
  });
});

describe("steps", () => {
  test.each<[number, number]>([
    [60_000, 1_000],
    [15 * 60_000, 5_000],
    [3_600_000, 15_000],
    [DAY, 300_000],
    [30 * DAY, 10_800_000],
  ])("a range of %d ms is cut by %d ms", (span, step) => {
    expect(parseStep(undefined, ofMs(span))).toBe(step);
  });

  test.each(["0", "-1", "1.5s", "ms", "abc", "500", "1500", "10m10"])(
    "step %j is refused",
    (step) => {
      expect(() => parseStep(step, ofMs(3_600_000))).toThrow(/whole number of seconds/);
    },
  );

  test("too many pieces: says which step would do", () => {
    expect(() => parseStep("1s", ofMs(DAY))).toThrow(
      expect.objectContaining({ next: expect.stringContaining("1 minute") }),
    );
  });

  test("an aligned range holds the asked one in at most 1,500 whole steps", () => {
    const spans = fc.integer({ min: 0, max: 400 * DAY });
    fc.assert(
      fc.property(spans, fc.bigInt(0n, 10n ** 18n), (span, end) => {
        const until = end + BigInt(span) * 1_000_000n;
        const asked = { since: end, until };
        const step = parseStep(undefined, asked);
        const { since, until: last } = alignRange(asked, step);
        expect(since <= asked.since && last >= asked.until).toBe(true);
        const buckets = Number(last + 1n - since) / (step * 1e6);
        expect(Number.isInteger(buckets)).toBe(true);
        expect(buckets).toBeLessThanOrEqual(1_500);
      }),
    );
  });
});
