import { expect, test } from "vitest";
import { parseMoment } from "./parse-time.js";

const now = Date.parse("2026-11-22T12:00:00Z");
const iso = (text: string): string => {
  const ns = parseMoment(text, "--since", now);
  return `${new Date(Number(ns / 1_000_000n)).toISOString()} +${ns % 1_000_000n}ns`;
};

test.each([
  ["5m", "2026-11-22T11:55:00.000Z +0ns"],
  ["1h30m", "2026-11-22T10:30:00.000Z +0ns"],
  ["2d", "2026-11-20T12:00:00.000Z +0ns"],
  ["2026-11-20", "2026-11-20T00:00:00.000Z +0ns"],
  ["2026-11-20T14:02", "2026-11-20T14:02:00.000Z +0ns"],
  ["2026-11-20T14:02:03.123456789Z", "2026-11-20T14:02:03.123Z +456789ns"],
  ["2026-11-20T14:02:03+02:00", "2026-11-20T12:02:03.000Z +0ns"],
  ["1763900000", "2025-11-23T12:13:20.000Z +0ns"],
])("%s", (text, expected) => {
  expect(iso(text)).toBe(expected);
});

test.each(["", "yesterday", "5", "5 m", "2026-13-45T00:00:00Z", "m5", "-5m"])(
  "%j is refused with what to write instead",
  (text) => {
    expect(() => parseMoment(text, "--since", now)).toThrow(/--since: .* is not a time/);
  },
);
