import * as fc from "fast-check";
import { expect, it } from "vitest";
import { parseTimestamp } from "./timestamp.js";

it.each([
  ["1970-01-01T00:00:00Z", 0, 0],
  ["2026-11-22T16:06:20.839Z", 1795363580, 839_000_000],
  ["2026-11-22T16:06:20.000000001Z", 1795363580, 1],
  ["2026-11-22T17:06:20+01:00", 1795363580, 0],
  ["2026-11-22T10:36:20.5-05:30", 1795363580, 500_000_000],
  ["0001-01-01T00:00:00Z", -62135596800, 0],
  ["9999-12-31T23:59:59.999999999Z", 253402300799, 999_999_999],
  ["2024-02-29T00:00:00Z", 1709164800, 0],
])("%s", (text, seconds, nanos) => {
  expect(parseTimestamp(text)).toEqual({ seconds, nanos });
});

it.each([
  "",
  "2026-11-22",
  "2026-11-22 16:06:20Z",
  "2026-11-22T16:06:20",
  "2026-13-01T00:00:00Z",
  "2026-02-31T00:00:00Z",
  "2023-02-29T00:00:00Z",
  "2026-11-22T24:00:00Z",
  "2026-11-22T16:06:60Z",
  "2026-11-22T16:06:20.Z",
  "2026-11-22T16:06:20.1234567890Z",
  "2026-11-22T16:06:20+25:00",
  "0000-01-01T00:00:00Z",
  "10000-01-01T00:00:00Z",
])("%j is no time", (text) => {
  expect(parseTimestamp(text)).toBeUndefined();
});

it("agrees with Date", () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true }),
      (date) => {
        const time = parseTimestamp(date.toISOString());
        expect((time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6).toBe(date.getTime());
      },
    ),
  );
});
