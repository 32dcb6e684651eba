import { FilterError, parseFilterWords } from "@dropscope/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pointer } from "./pointer.js";

function refused(words: readonly string[]): FilterError {
  try {
    parseFilterWords(words);
  } catch (error) {
    if (error instanceof FilterError) return error;
  }
  throw new Error("it was accepted");
}

describe("the mark under the word that is wrong", () => {
  it("stands under it", () => {
    const error = refused(["--verdict", "DROPPED", "--to-port", "postgres"]);
    expect(pointer(error)).toBe(
      `    --verdict DROPPED --to-port postgres\n${" ".repeat(32)}^^^^^^^^\n`,
    );
  });

  it("shows of a long line what is around it", () => {
    const words = Array.from({ length: 100 }, (_, at) => ["--port", `${at}`]).flat();
    const [line = "", mark = ""] = pointer(refused([...words, "--ip", "nowhere"])).split("\n");
    expect(line.length).toBeLessThanOrEqual(80);
    expect(line.slice(mark.indexOf("^"), mark.lastIndexOf("^") + 1)).toBe("nowhere");
    expect(line).toContain("… ");
  });

  it("is two lines at most 80 wide whatever is typed", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 40 }), (texts) => {
        const shown = pointer(refused(texts.map((text) => `x${text}`)));
        const lines = shown.split("\n");
        expect(lines).toHaveLength(3);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
        expect(shown.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });

  it("is nothing where no place is known", () => {
    expect(pointer(new FilterError("no", "place"))).toBe("");
  });
});
