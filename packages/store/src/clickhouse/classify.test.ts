import { ClickHouseError } from "@clickhouse/client";
import { describe, expect, test } from "vitest";
import { classify, UNKNOWN_RETRIES, type FailureKind } from "./classify.js";

const failure = (code: number): ClickHouseError =>
  new ClickHouseError({ message: "words do not matter", code: String(code), type: "X" });

describe("what a failed insert means", () => {
  const table: [FailureKind, number[]][] = [
    [
      "retry",
      [159, 202, 203, 209, 210, 225, 236, 241, 242, 243, 252, 285, 286, 319, 439, 499, 745, 999],
    ],
    ["halt", [16, 47, 60, 62, 81, 164, 194, 497, 516]],
    ["quarantine", [6, 25, 26, 27, 33, 41, 53, 70, 117, 131, 349, 407, 469, 621]],
  ];
  test.each(table.flatMap(([kind, codes]) => codes.map((code) => [code, kind] as const)))(
    "code %i: %s, however often",
    (code, kind) => {
      expect(classify(failure(code))).toBe(kind);
      expect(classify(failure(code), 1000)).toBe(kind);
    },
  );

  test("an unknown code is tried ten times, then delivery stops", () => {
    expect(classify(failure(31_337), UNKNOWN_RETRIES - 1)).toBe("retry");
    expect(classify(failure(31_337), UNKNOWN_RETRIES)).toBe("halt");
  });

  test.each([
    Object.assign(new Error("connect"), { code: "ECONNREFUSED" }),
    Object.assign(new Error("aborted"), { code: "ECONNRESET" }),
    new Error("Timeout error."),
    "a proxy's page",
  ])("no answer from ClickHouse is tried for ever: %s", (error) => {
    expect(classify(error, 1000)).toBe("retry");
  });
});
