import { describe, expect, it } from "vitest";
import * as format from "./format.js";

describe("numbers", () => {
  it.each([
    [0, "0/s"],
    [0.01, "<0.1/s"],
    [0.3, "0.3/s"],
    [1, "1.0/s"],
    [9.97, "10/s"],
    [1204.4, "1,204/s"],
  ])("rate %d reads %s", (value, text) => {
    expect(format.perSecond(value)).toBe(text);
  });

  it.each([
    [0, 10, "0 %"],
    [1, 1000, "<1 %"],
    [999, 1000, ">99 %"],
    [1, 3, "33 %"],
    [3, 3, "100 %"],
    [1, 0, "0 %"],
  ])("%d of %d reads %s", (part, total, text) => {
    expect(format.share(part, total)).toBe(text);
  });

  it("counts in the singular and the plural", () => {
    expect(format.plural(1, "node")).toBe("1 node");
    expect(format.plural(1204, "flow")).toBe("1,204 flows");
  });
});

describe("times", () => {
  const at = Date.UTC(2025, 10, 22, 14, 3, 20, 123);

  it("reads in UTC on request", () => {
    expect(format.clockMillis(at, true)).toBe("14:03:20.123");
    expect(format.stamp(at, true)).toBe("2025-11-22 14:03:20");
    expect(format.zone(at, true)).toBe("UTC");
  });

  it("keeps nanoseconds in the exact time", () => {
    expect(format.exact("1763820200123456789", true)).toBe("2025-11-22 14:03:20.123456789 UTC");
    expect(format.exact("", true)).toBe("no time");
    expect(format.nsToMs("1763820200123456789")).toBe(1_763_820_200_123);
    expect(format.nsToMs("x")).toBeNaN();
  });

  it.each([
    [400, "now"],
    [2000, "2 s ago"],
    [240_000, "4 min ago"],
    [7_200_000, "2 h ago"],
    [3 * 86_400_000, "3 days ago"],
    [1461 * 86_400_000, "4 years ago"],
    [-5000, "now"],
  ])("%d ms reads %s", (ms, text) => {
    expect(format.ago(at - ms, at)).toBe(text);
  });

  it("names the day when it is not near", () => {
    expect(format.near(at, at + 1000, true)).toBe("14:03:20");
    expect(format.near(at, at + 90_000_000, true)).toBe("2025-11-22 14:03:20");
  });

  it("says the day of a range once, and only when it is not near", () => {
    const end = at + 40_000;
    expect(format.between(at, end, end, true)).toEqual(["14:03:20", "14:04:00"]);
    const later = at + 90_000_000;
    expect(format.between(at, end, later, true)).toEqual(["2025-11-22 14:03:20", "14:04:00"]);
    expect(format.between(at, later, later + 90_000_000, true)).toEqual([
      "2025-11-22 14:03:20",
      "2025-11-23 15:03:20",
    ]);
  });

  it("reads a latency in its unit", () => {
    expect(format.latency(0.35)).toBe("0.4 ms");
    expect(format.latency(320)).toBe("320 ms");
    expect(format.latency(1200)).toBe("1.2 s");
  });
});
