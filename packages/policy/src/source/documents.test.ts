import { describe, expect, test } from "vitest";
import { readDocuments } from "./documents.js";
import { child, find, placeOf } from "./slot.js";
import { splitDocuments } from "./split.js";
import { MAX_DEPTH, MAX_NODES, MAX_OBJECT } from "./tree.js";

const values = (text: string): unknown[] =>
  readDocuments(text, "f").documents.map(
    ({ root }) => JSON.parse(JSON.stringify(root.value)) as unknown,
  );
const codes = (text: string): string[] =>
  readDocuments(text, "f").problems.map(({ code, place }) => `${code}@${place.line}`);

describe("streams of documents", () => {
  test("are cut at --- and ... lines; blank ones and comments are nothing", () => {
    expect(
      values(
        "---\n# Source: chart/x.yaml\n---\na: 1\n...\n---\n\n--- # two\nb: 2\n---   \n--- {c: 3}\n",
      ),
    ).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
  });

  test("a marker within a text is none", () => {
    expect(values("a: 'x --- y'\n---x: 1\n")).toEqual([{ a: "x --- y", "---x": 1 }]);
    expect(values("a: |\n  ---\n  z\nb: ---x\n")).toEqual([{ a: "---\nz\n", b: "---x" }]);
  });

  test("with a byte order mark and Windows line ends", () => {
    expect(values("\uFEFF---\r\na: 1\r\n---\r\nb: 2\r\n")).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test("a broken one does not stop the others, and says where it is broken", () => {
    const text = "a: 1\n---\nb: [1\n---\nc: *nobody\n---\nd: 4\n";
    expect(values(text)).toEqual([{ a: 1 }, { d: 4 }]);
    expect(codes(text)).toEqual(["YAML@4", "YAML@5"]);
  });

  test("an empty file has none", () => {
    for (const text of ["", "\n\n", "# only\n", "---\n---\n"]) {
      expect(readDocuments(text, "f")).toMatchObject({ documents: [], problems: [] });
      expect(splitDocuments("\n---\n \n")).toEqual([]);
    }
  });
});

describe("places", () => {
  const text = "# c\n---\nspec:\n  ingress:\n  - from:\n    - a: 1\n    -  'b.c/d': x\n";
  const { root } = readDocuments(text, "dir/f.yaml").documents[0]!;

  test.each([
    ["", 3, 1],
    ["spec", 3, 1],
    ["spec.ingress", 4, 3],
    ["spec.ingress[0]", 5, 5],
    ["spec.ingress[0].from[1]", 7, 8],
    ['spec.ingress[0].from[1]["b.c/d"]', 7, 8],
    ["spec.ingress[0].from[0].a", 6, 7],
  ])("%s", (path, line, column) => {
    expect(placeOf(find(root, path))).toEqual({ file: "dir/f.yaml", line, column, path });
  });

  test("of what is not written are those of the nearest parent that is", () => {
    expect(placeOf(find(root, "spec.ingress[7].to"))).toMatchObject({
      line: 4,
      path: "spec.ingress",
    });
    expect(placeOf(child(root, "nothing"))).toMatchObject({ line: 3, path: "nothing" });
  });
});

describe("limits", () => {
  const list = (count: number, item: string): string =>
    `apiVersion: v1\nkind: List\nitems:\n${`- kind: X\n  data: ${item}\n`.repeat(count)}`;

  test("one object may have a size, a List may have many objects", () => {
    const half = "x".repeat(MAX_OBJECT / 2);
    expect(codes(`a: ${half}\n`)).toEqual([]);
    expect(codes(`a: ${half}\nb: ${half}\nc: 1\n`)).toEqual(["TOO_LARGE@3"]);
    expect(codes(list(5, half))).toEqual([]);
    expect(codes(list(2, `${half}${half}`))).toEqual(["TOO_LARGE@4"]);
    const json = (text: string): string => `{"items":[{"a":"${text}"},{"b":1}],"kind":"List"}`;
    expect(codes(json(half))).toEqual([]);
    expect(codes(json(half + half))).toEqual(["TOO_LARGE@1"]);
  });

  test("and a number of values", () => {
    expect(codes(`[${"1,".repeat(MAX_NODES)}]`)).toEqual(["TOO_LARGE@1"]);
    expect(codes(`- a\n`.repeat(MAX_NODES + 1))).toEqual([`TOO_LARGE@${MAX_NODES}`]);
  });

  test("and a depth, before anything recurses", () => {
    const deep = (open: string, close: string): string =>
      open.repeat(100_000) + close.repeat(100_000);
    for (const text of [deep("[", "]"), deep('{"a":', "}"), "- ".repeat(100_000)])
      expect(codes(text)).toEqual(["TOO_DEEP@1"]);
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(codes(nested(MAX_DEPTH))).toEqual([]);
  });

  test("a file of nothing but broken documents is told of once in a while", () => {
    const { problems } = readDocuments("---\n[\n".repeat(500), "f");
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)!.message).toContain("400 more documents");
  });
});

test("keys that stand twice are a warning at the second", () => {
  expect(readDocuments("a: 1\nb: 2\na: 3\n", "f").problems).toMatchObject([
    { code: "DUPLICATE", severity: "warning", place: { line: 3, column: 1 } },
  ]);
});
