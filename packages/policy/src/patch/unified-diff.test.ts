import * as fc from "fast-check";
import { expect, test } from "vitest";
import { unifiedDiff } from "./unified-diff.js";

/** What `patch` does with a diff of this file's making. */
function applied(before: string, diff: string): string {
  const lines = before === "" ? [] : before.replace(/\n$/, "").split("\n");
  const out: string[] = [];
  let at = 0;
  for (const line of diff.split("\n").slice(2, -1)) {
    const hunk = /^@@ -(\d+),(\d+) \+\d+,\d+ @@$/.exec(line);
    if (hunk) {
      const start = Number(hunk[1]) - (hunk[2] === "0" ? 0 : 1);
      while (at < start) out.push(lines[at++] as string);
    } else if (line.startsWith("+")) out.push(line.slice(1));
    else {
      expect(line.slice(1)).toBe(lines[at]);
      if (line.startsWith(" ")) out.push(lines[at] as string);
      at += 1;
    }
  }
  out.push(...lines.slice(at));
  return out.length === 0 ? "" : `${out.join("\n")}\n`;
}

test("applied to the one text it gives the other", () => {
  const text = fc
    .array(fc.constantFrom("a", "b", "  c: 1", "", "- d"), { maxLength: 40 })
    .map((lines) => (lines.length === 0 ? "" : `${lines.join("\n")}\n`));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = unifiedDiff(before, after, "x.yaml");
      expect(before === after ? before : applied(before, diff)).toBe(after);
    }),
  );
});

test("equal texts have no diff, and only what is near a change is shown", () => {
  expect(unifiedDiff("a\n", "a\n", "x")).toBe("");
  const before = Array.from({ length: 20 }, (_, index) => `line ${index}`).join("\n");
  expect(unifiedDiff(before, before.replace("line 9\n", "line nine\n"), "x").split("\n")).toEqual([
    "--- a/x",
    "+++ b/x",
    "@@ -7,7 +7,7 @@",
    " line 6",
    " line 7",
    " line 8",
    "-line 9",
    "+line nine",
    " line 10",
    " line 11",
    " line 12",
    "",
  ]);
});
