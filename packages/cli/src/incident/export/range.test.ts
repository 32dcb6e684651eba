import { DropscopeError } from "@dropscope/model";
import { describe, expect, test } from "vitest";
import { incidentRange } from "./range.js";
import { stepOf } from "./steps.js";

const NOW = Date.parse("2026-11-22T14:30:30.500Z");
const at = (text: string): bigint => BigInt(Date.parse(text)) * 1_000_000n;

function codeOf(since: string | undefined, until: string | undefined): string {
  try {
    incidentRange(
      { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) },
      NOW,
    );
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(DropscopeError);
    const { code, exitCode, next } = error as DropscopeError;
    expect(next).not.toBe("");
    expect(exitCode).toBe(2);
    return code;
  }
}

describe("the range of an incident", () => {
  test.each([
    ["2026-11-22T14:02:10Z", "2026-11-22T14:05:20Z", "14:02:00", "14:06:00"],
    ["2026-11-22T14:02:00Z", "2026-11-22T14:05:00Z", "14:02:00", "14:05:00"],
    ["2026-11-22T14:02:00.5Z", "2026-11-22T14:02:00.5Z", "14:02:00", "14:03:00"],
    ["2026-11-22T14:02:00Z", "2026-11-22T14:02:00Z", "14:02:00", "14:03:00"],
    ["30m", "now", "14:00:00", "14:31:00"],
    ["1h", "15m", "13:30:00", "14:16:00"],
  ])("%s to %s is whole minutes from %s up to %s", (since, until, from, to) => {
    expect(incidentRange({ since, until }, NOW)).toEqual({
      since: at(`2026-11-22T${from}Z`),
      until: at(`2026-11-22T${to}Z`) - 1n,
    });
  });

  test.each([
    [undefined, "now", "INCIDENT_RANGE"],
    ["1h", undefined, "INCIDENT_RANGE"],
    ["1h", "2h", "INCIDENT_RANGE"],
    ["2026-11-23T00:00:00Z", "now", "INCIDENT_RANGE"],
    ["1h", "2026-11-22T14:35:00Z", "INCIDENT_RANGE"],
    ["yesterday", "now", "BAD_TIME"],
    ["1h", "soon", "BAD_TIME"],
    ["1h", "now", ""],
  ])("%s to %s: %s", (since, until, code) => {
    expect(codeOf(since, until)).toBe(code);
  });
});

test.each([
  [1, 1_000],
  [10, 5_000],
  [60, 30_000],
  [1440, 900_000],
  [60 * 24 * 400, 4 * 86_400_000],
])("a chart of %d minutes has bars of %d ms, at most 120", (minutes, step) => {
  const range = { since: 0n, until: BigInt(minutes) * 60_000_000_000n - 1n };
  expect(stepOf(range)).toBe(step);
  expect((minutes * 60_000) / step).toBeLessThanOrEqual(120);
});
