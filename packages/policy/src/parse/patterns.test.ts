import { describe, expect, test } from "vitest";
import { wrongRegex } from "./patterns.js";

describe("regular expressions are looked over, never run", () => {
  test.each([
    "",
    "GET",
    "/a/.*",
    "^/v[0-9]+/(users|groups)/?$",
    "(?i)abc",
    "(?P<name>a)(?<other>b)(?:c)(?i:d)",
    "[]a]*",
    "[^]a]",
    "[[:alpha:]_-]+",
    "\\d{1,3}\\.\\w+?",
    "a{,3}",
    "a{2}{",
    "x{1000}",
    "{",
    "a||b",
    "\\(",
    "[a\\]b]",
  ])("%j is one", (text) => expect(wrongRegex(text)).toBeUndefined());

  test.each([
    ["(", "not closed"],
    [")", "opens nowhere"],
    ["[a", "not closed"],
    ["[]", "not closed"],
    ["*a", "after nothing"],
    ["a|+", "after nothing"],
    ["(*)", "after nothing"],
    ["a**", "after nothing"],
    ["a{2}{3}", "after nothing"],
    ["a\\", "backslash"],
    ["(a)\\1", "refers back"],
    ["(?=a)", "looks"],
    ["(?!a)", "looks"],
    ["(?<=a)b", "looks"],
    ["(?<!a)b", "looks"],
    ["(?a", "(?"],
    ["a{1001}", "1000"],
    ["a{3,2}", "before its start"],
  ])("%j is none", (text, why) => expect(wrongRegex(text)).toContain(why));

  test("long ones cost their length", () => {
    for (const piece of ["(a+)+", "[:", "[[:", "(?", "a{1", "\\", "(", "[^"])
      expect(() => wrongRegex(piece.repeat(200_000))).not.toThrow();
  });
});
