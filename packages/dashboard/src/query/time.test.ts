import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Problem } from "../problem.js";
import { parseTime } from "./time.js";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const ns = (iso: string, rest = 0n) => BigInt(Date.parse(iso)) * 1_000_000n + rest;

describe("times of a query", () => {
  test.each<[string, bigint]>([
    ["now", ns("2026-03-01T12:00:00Z")],
    ["0", 0n],
    ["1772366400000", ns("2026-03-01T12:00:00Z")],
    ["15m", ns("2026-03-01T11:45:00Z")],
    ["1h30m", ns("2026-03-01T10:30:00Z")],
    ["7d", ns("2026-02-22T12:00:00Z")],
    ["0.5s", ns("2026-03-01T11:59:59.500Z")],
    ["2026-03-01T12:00:00Z", ns("2026-03-01T12:00:00Z")],
    ["2026-03-01t12:00:00z", ns("2026-03-01T12:00:00Z")],
    ["2026-03-01 12:00:00+02:00", ns("2026-03-01T10:00:00Z")],
    ["2026-03-01T12:00Z", ns("2026-03-01T12:00:00Z")],
    ["2026-03-01T12:00:00.123456789Z", ns("2026-03-01T12:00:00Z", 123_456_789n)],
    ["2026-03-01", ns("2026-03-01T00:00:00Z")],
    [" 2024-02-29T00:00:00Z ", ns("2024-02-29T00:00:00Z")],
  ])("%s", (text, expected) => expect(parseTime("since", text, NOW)).toBe(expected));

  test.each<[string, RegExp]>([
    ["yesterday", /is not a time/],
    ["15 m", /is not a time/],
    ["-15m", /is not a time/],
    ["15y", /is not a time/],
    ["1e9", /is not a time/],
    ["2026-13-01T00:00:00Z", /calendar/],
    ["2026-02-30T00:00:00Z", /calendar/],
    ["2026-02-29", /calendar/],
    ["2026-03-01T25:00:00Z", /calendar/],
    ["2026-03-01T12:00:00", /no zone/],
    ["1900-01-01T00:00:00Z", /outside 1970 to 2262/],
    ["9999-12-31T23:59:59Z", /outside 1970 to 2262/],
    ["1772366400", /looks like seconds/],
    ["99999999999999999999", /after the year 2262/],
    ["99999999d", /before 1970/],
    ["+275760-09-13T00:00:00Z", /is not a time/],
    ["2026-03-01T12:00:00Z; DROP TABLE flows", /is not a time/],
    ["", /is not a time/],
  ])("%j is refused with a reason", (text, reason) => {
    expect(() => parseTime("since", text, NOW)).toThrow(reason);
  });

  test("any text gives a time inside the store's range, or a Problem", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^\d{0,20}[smhdwTZ:.+-]{0,4}\d{0,6}$/)),
        (text) => {
          try {
            const time = parseTime("until", text, NOW);
            expect(time >= 0n && time < 2n ** 63n).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(Problem);
          }
        },
      ),
    );
  });
});
