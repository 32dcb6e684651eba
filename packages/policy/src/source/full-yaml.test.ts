import { describe, expect, test } from "vitest";
import { MAX_PIECES, readFullYaml } from "./full-yaml.js";
import { MAX_DEPTH, MAX_NODES } from "./tree.js";

const read = (text: string): unknown => {
  const tree = readFullYaml(text, 0, text.length);
  return JSON.parse(JSON.stringify(tree?.value ?? null));
};

describe("all of YAML", () => {
  test("anchors and aliases", () => {
    expect(read("a: &x {b: 1}\nc: *x\nd: [*x, *x]\n")).toEqual({
      a: { b: 1 },
      c: { b: 1 },
      d: [{ b: 1 }, { b: 1 }],
    });
  });

  test("merge keys: what is written beats what is merged, wherever it stands", () => {
    expect(read("a: &x {b: 1, c: 2}\nd:\n  b: 3\n  <<: *x\ne: {<<: [*x, {f: 4}], c: 5}\n")).toEqual(
      { a: { b: 1, c: 2 }, d: { b: 3, c: 2 }, e: { b: 1, c: 5, f: 4 } },
    );
  });

  test("tags", () => {
    expect(read("a: !!str 80\nb: !!int '80'\nc: !x d\n")).toEqual({ a: "80", b: 80, c: "d" });
  });

  test("directives and complex keys", () => {
    expect(read("%YAML 1.1\n---\na: on\n")).toEqual({ a: true });
    expect(read("? a\n: b\n")).toEqual({ a: "b" });
  });
});

describe("bounds are counts of work, not of time", () => {
  const error = (text: string): unknown => {
    try {
      return readFullYaml(text, 0, text.length);
    } catch (thrown) {
      return thrown;
    }
  };

  test("an alias that means itself", () => {
    expect(error("a: &a [*a]\n")).toMatchObject({ code: "YAML", offset: 7 });
  });

  test("a bomb of aliases", () => {
    const levels = Math.ceil(Math.log10(MAX_NODES)) + 1;
    const bomb = Array.from({ length: levels }, (_, level) => {
      const inner = level === 0 ? "x" : `*a${level - 1}`;
      return `a${level}: &a${level} [${Array(10).fill(inner).join(",")}]`;
    }).join("\n");
    expect(error(bomb)).toMatchObject({ code: "TOO_LARGE" });
  });

  test("deeper than any object, in each style", () => {
    for (const open of ["[", "{a: ", "- ", "? "])
      expect(error(open.repeat(5_000))).toMatchObject({ code: "TOO_DEEP" });
    const block = Array.from({ length: MAX_DEPTH + 2 }, (_, depth) => `${" ".repeat(depth)}a:`);
    expect(error(block.join("\n"))).toMatchObject({ code: "TOO_DEEP" });
  });

  test("a bomb of merge keys", () => {
    const keys = Array.from({ length: 1_000 }, (_, index) => `k${index}: v`).join(", ");
    const merges = "- <<: *a\n".repeat(500);
    expect(error(`a: &a {${keys}}\nb:\n${merges}`)).toMatchObject({ code: "TOO_LARGE" });
  });

  test("aliases that nest deeper than any object", () => {
    const chain = Array.from({ length: MAX_DEPTH + 2 }, (_, level) =>
      level === 0 ? "a0: &a0 x" : `a${level}: &a${level} [*a${level - 1}]`,
    );
    expect(error(chain.join("\n"))).toMatchObject({ code: "TOO_DEEP" });
  });

  test("more lexical pieces than it takes", () => {
    expect(error("&a ".repeat(MAX_PIECES))).toMatchObject({ code: "TOO_LARGE" });
  });
});
