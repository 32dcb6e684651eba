import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutMiddle } from "./cut.js";
import { diffLines, markedLines, noteText } from "./marked.js";

const TEXT = "a: 1\nb:\n  - c\n  - d\n";

describe("a text with marks", () => {
  it("has the lines of the text, and notes below the last line of a mark", () => {
    const lines = markedLines(TEXT, [
      { first: 2, last: 3, role: "nearest", path: "b", text: "" },
      { first: 3, last: 3, role: "denies", path: "b[0]", text: "no" },
    ]);
    expect(lines.map(({ text }) => text)).toEqual(["a: 1", "b:", "  - c", "  - d"]);
    expect(lines.map(({ role }) => role)).toEqual([undefined, "nearest", "denies", undefined]);
    expect(lines[2]?.notes.map(noteText)).toEqual(["The rule that came nearest", "no"]);
  });

  it("survives marks that point outside", () => {
    const lines = markedLines("a", [
      { first: 0, last: 900, role: "allows", path: "", text: "" },
      { first: 5, last: 2, role: "allows", path: "", text: "" },
    ]);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.role).toBe("allows");
  });

  it("shows what could reorder it", () => {
    expect(markedLines("x: \u202Egnp", [])[0]?.text).not.toContain("\u202E");
  });
});

it("a diff is shown without the names of its files", () => {
  const lines = diffLines("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n same\n-old\n+new\n\\ No newline\n");
  expect(lines.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    "place @@ -1,2 +1,2 @@",
    "same same",
    "removed old",
    "added new",
  ]);
});

it("a name is cut in its middle, to the length that there is", () => {
  expect(cutMiddle("payments-api", 20)).toBe("payments-api");
  expect(cutMiddle("ledger-reconciliation-worker", 16)).toBe("ledger-r…-worker");
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 3, max: 40 }), (text, most) => {
      expect(cutMiddle(text, most).length).toBeLessThanOrEqual(Math.max(most, 0));
    }),
  );
});
