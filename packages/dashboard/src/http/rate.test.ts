import { describe, expect, test } from "vitest";
import { createTestClock } from "../testing/clock.js";
import { createRateLimit } from "./rate.js";

describe("S6: queries are limited per address", () => {
  test("60 at once, then one a second; others are not touched", async () => {
    const clock = createTestClock();
    const limit = createRateLimit(clock, () => 60);
    for (let use = 0; use < 60; use++) expect(limit.take("a")).toBe(0);
    expect(limit.take("a")).toBe(1);
    expect(limit.take("b")).toBe(0);
    await clock.pass(1_000);
    expect(limit.take("a")).toBe(0);
    expect(limit.take("a")).toBe(1);
    await clock.pass(3_600_000);
    for (let use = 0; use < 60; use++) expect(limit.take("a")).toBe(0);
    expect(limit.take("a")).toBeGreaterThan(0);
  });

  test("a clock that steps back gives nothing away and breaks nothing", async () => {
    let now = 1_000_000;
    const limit = createRateLimit({ now: () => now, after: () => () => {} }, () => 1);
    expect(limit.take("a")).toBe(0);
    now -= 500_000;
    expect(limit.take("a")).toBe(60);
  });

  test("a million addresses take bounded memory", () => {
    const limit = createRateLimit(createTestClock(), () => 1);
    for (let n = 0; n < 50_000; n++) limit.take(`address-${n}`);
    expect(limit.take("address-49999")).toBeGreaterThan(0);
    // Forgotten in favour of the asker.
    expect(limit.take("address-0")).toBe(0);
  });
});
