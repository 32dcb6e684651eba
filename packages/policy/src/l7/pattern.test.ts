import * as fc from "fast-check";
import { expect, test } from "vitest";
import { matchesWhole } from "./pattern.js";

test.each([
  ["GET", "GET", true],
  ["GET", "GETS", false],
  ["^GET$", "GET", true],
  ["GET|POST", "POST", true],
  ["(GET|HEAD)", "PUT", false],
  ["/public", "/public/x", false],
  ["/public.*", "/public/x", true],
  ["/a/(b|c(d|e))/f", "/a/ce/f", true],
  ["/v[0-9]+/x", "/v12/x", true],
  ["/[^/]*/x", "/a/b/x", false],
  ["/[^/]*", "/a", true],
  [String.raw`api\.example\.com`, "api.example.com", true],
  [String.raw`api\.example\.com`, "apixexample.com", false],
  [String.raw`/\d+/\w?`, "/42/a", true],
  ["", "", true],
  ["colou?r", "color", true],
  [String.raw`/admin(\?.*)?`, "/admin", true],
  [String.raw`/admin(\?.*)?`, "/admin?x=1", true],
  [String.raw`/admin(\?.*)?`, "/admins", false],
  ["/a(/b|/c)?/d", "/a/d", true],
] as const)("%j on %j: %j", (expression, text, expected) => {
  expect(matchesWhole(expression, text)).toBe(expected);
});

test.each(["(a+)+", "a{2,3}", "[[:alpha:]]", "a*?", String.raw`\bx`, "(a", "a|(b)+", "(a)?+"])(
  "%j is left to the proxy",
  (expression) => {
    expect(matchesWhole(expression, "aaaa!")).toBeUndefined();
  },
);

test("says what JavaScript says, wherever it says anything, and never hangs", () => {
  const part = fc.constantFrom(
    "a",
    "b",
    ".",
    "a*",
    ".*",
    "b?",
    "[ab]",
    "[^a]+",
    "(a|b)",
    "(ab|b.)",
    "(ba|a)?",
    "|",
  );
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 6 }).map((parts) => parts.join("")),
      fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 }),
      (expression, text) => {
        const ours = matchesWhole(expression, text);
        if (ours !== undefined) expect(ours).toBe(new RegExp(`^(?:${expression})$`).test(text));
      },
    ),
    { numRuns: 2000 },
  );
  const started = performance.now();
  matchesWhole("a*".repeat(200), "a".repeat(4000));
  expect(performance.now() - started).toBeLessThan(5_000);
});
