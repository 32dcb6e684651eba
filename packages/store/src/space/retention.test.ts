import { describe, expect, test } from "vitest";
import { DEFAULT_RETENTION } from "../config.js";
import { checkRetention, resolveRetention } from "./retention.js";

describe("resolveRetention", () => {
  test("settings win over what the store was told, and that over the defaults", () => {
    expect(resolveRetention()).toEqual(DEFAULT_RETENTION);
    const stored = { rawDays: 3, dropDays: 40 };
    expect(resolveRetention({}, stored)).toMatchObject({
      rawDays: 3,
      dropDays: 40,
      rollupDays: 90,
    });
    expect(resolveRetention({ rawDays: 9 }, stored)).toMatchObject({ rawDays: 9, dropDays: 40 });
  });

  test("what nobody set rises with what somebody did; nothing is lowered", () => {
    expect(resolveRetention({ rawDays: 120 })).toEqual({
      rawDays: 120,
      dropDays: 120,
      rollupDays: 120,
      problemDays: 120,
      policyDays: 120,
    });
    expect(() => resolveRetention({ dropDays: 3 })).toThrow(/drops .* 3 days and flows for 7/);
  });
});

test.each([
  [{ dropDays: 6 }, /drops would be kept for 6 days and flows for 7/],
  [{ rollupDays: 29 }, /rollups would be kept for 29 days and drops for 30/],
  [{ problemDays: 29 }, /problems .* drops for 30/],
  [{ policyDays: 29 }, /policies .* drops for 30/],
  [{ rawDays: 0 }, /flows cannot be kept for 0 days/],
  [{ rawDays: 2.5 }, /flows cannot be kept for 2.5 days/],
  [{ policyDays: 3651 }, /policies cannot be kept for 3651 days/],
])("%j is refused with why", (wrong, message) => {
  expect(() => checkRetention({ ...DEFAULT_RETENTION, ...wrong })).toThrow(
    expect.objectContaining({
      code: "RETENTION_INVALID",
      exitCode: 2,
      message: expect.stringMatching(message) as string,
    }),
  );
  expect(checkRetention(DEFAULT_RETENTION)).toBe(DEFAULT_RETENTION);
});
