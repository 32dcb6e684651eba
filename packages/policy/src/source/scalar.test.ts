import { describe, expect, test } from "vitest";
import { foldLines, keyOf, resolvePlain } from "./scalar.js";

describe("plain scalars mean what they mean to the API server (YAML 1.1)", () => {
  test.each([
    ["", null],
    ["~", null],
    ["null", null],
    ["NULL", null],
    ["nUll", "nUll"],
    ["yes", true],
    ["On", true],
    ["y", true],
    ["N", false],
    ["off", false],
    ["oN", "oN"],
    ["nope", "nope"],
    ["80", 80],
    ["-1", -1],
    ["+1", 1],
    ["012", 10],
    ["0o17", 15],
    ["0x1F", 31],
    ["0b11", 3],
    ["1_000", 1000],
    ["1.5", 1.5],
    ["1e3", 1000],
    [".5", 0.5],
    [".inf", Infinity],
    ["-.INF", -Infinity],
    ["10.0.0.0/8", "10.0.0.0/8"],
    ["1.2.3", "1.2.3"],
    ["2021-01-01", "2021-01-01"],
    ["8080-8090", "8080-8090"],
    ["-", "-"],
    ["0x", "0x"],
    ["08", 8],
  ])("%s", (text, value) => expect(resolvePlain(text)).toBe(value));

  test(".nan", () => expect(resolvePlain(".nan")).toBeNaN());

  test("a very long number costs nothing", () => {
    expect(typeof resolvePlain("9".repeat(500_000))).toBe("string");
  });
});

test("keys that are booleans become texts again", () => {
  expect(["y", "on", "no", "app", "80", "null"].map(keyOf)).toEqual([
    "true",
    "true",
    "false",
    "app",
    "80",
    "null",
  ]);
});

test("lines of a plain scalar fold", () => {
  expect(foldLines(["a", "b", "", "", "c"])).toBe("a b\n\nc");
});
