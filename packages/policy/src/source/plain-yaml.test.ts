import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { readFullYaml } from "./full-yaml.js";
import { readPlainYaml } from "./plain-yaml.js";
import { Unusual } from "./scanner.js";
import type { Tree } from "./tree.js";

const plain = (text: string): Tree | undefined => readPlainYaml(text, 0, text.length);
const full = (text: string): Tree | undefined => readFullYaml(text, 0, text.length);
const data = (tree: Tree | undefined): unknown => JSON.parse(JSON.stringify(tree?.value ?? null));

/** Every place of a tree, but for those of nothing, of which the readers have two opinions. */
function places(tree: Tree): string[] {
  const found: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) return;
    const offsets = tree.offsets.get(value) as Record<string, number>;
    for (const [key, item] of Object.entries(value)) {
      if (item !== null) found.push(`${path}/${key}@${offsets[key]}`);
      walk(item, `${path}/${key}`);
    }
  };
  walk(tree.value, "");
  return found;
}

describe("reads what people write, just as the full reader does", () => {
  test.each([
    [
      "maps and lists",
      "a:\n  b: 1\n  c:\n  - x\n  - y: 2\n    z: 3\n  -\n    - q\n- nope".slice(0, -7),
    ],
    ["lists in lists", "- - a\n  - b\n- - c\n"],
    ["comments", "# top\na: 1 # one\n# between\n  # deep\nb: 'x # y' # z\nc: d#e\n"],
    ["flow", "a: {b: [1, 'two', {c: d}], e: , \"f\":g}\n"],
    ["flow over lines", "a: [\n  1, # one\n  2\n]\nb: {x: y,\n  z: w,}\n"],
    ["JSON", '{"a": {"b": [true, null, 1.5, "\\u00e9\\n"]}, "c": []}'],
    ["quoted", "a: 'it''s'\nb: \"tab\\tx41 \\x41 \\e\"\n'c d': 1\n\"e\": 2\n"],
    ["quoted over lines", "a: \"one\n  two\n\n  three\\\n  four\"\nb: 'x\n  y'\n"],
    ["plain over lines", "a: one\n  two\n\n  three\nb: c\n"],
    ["literal", "a: |\n  one\n   two\n\n  three\n\nb: |-\n  x\n\nc: |+\n  y\n\n"],
    ["folded", "a: >\n  one\n  two\n\n  three\n    deeper\n  four\nb: >-\n  x\n  y\n"],
    ["empty block", "a: |\nb: >-\nc: 1\n"],
    ["nothing", "a:\nb:\n- \nc: ~\n"],
    ["list at the key's column", "a:\n- 1\n- 2\nb: 3\n"],
    ["Windows", "a: 1\r\nb:\r\n- x\r\n- |\r\n  y\r\n"],
    ["odd plain texts", "a: -x\nb: ?y\nc: :z\nd: http://x:80/a\ne: a, b\nf: x]\n"],
    ["a scalar alone", "hello"],
    ["only comments", "# nothing\n\n# here\n"],
    ["booleans as keys", "{on: 1, y: 2}"],
  ])("%s", (_, text) => {
    const [quick, thorough] = [plain(text), full(text)];
    expect(data(quick)).toEqual(data(thorough));
    if (quick && thorough) expect(places(quick)).toEqual(places(thorough));
  });

  const style = fc.record({
    indent: fc.integer({ min: 2, max: 6 }),
    indentSeq: fc.boolean(),
    collectionStyle: fc.constantFrom("any" as const, "block" as const, "flow" as const),
    defaultStringType: fc.constantFrom(
      "PLAIN" as const,
      "QUOTE_DOUBLE" as const,
      "QUOTE_SINGLE" as const,
    ),
    lineWidth: fc.constantFrom(0, 20, 80),
  });

  test("any data in any style", () => {
    let understood = 0;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), style, (value, options) => {
        const text = stringify(value, options);
        let quick: Tree | undefined;
        try {
          quick = plain(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Unusual);
          return;
        }
        understood++;
        expect(data(quick)).toEqual(data(full(text)));
      }),
      { numRuns: 400, seed: 3 },
    );
    expect(understood).toBeGreaterThan(300);
  });
});

describe("leaves to the full reader what it does not know", () => {
  test.each([
    "a: &x 1\n",
    "a: *x\n",
    "a: !!str 1\n",
    "? a\n: b\n",
    "<<: {a: 1}\n",
    "a: b: c\n",
    "a: 1\n  b: 2\n",
    "a:\n  - b\n c: d\n",
    "\ta: 1\n",
    "a: [1, 2\n",
    "a: {b c}\n",
    "a: 'x\n",
    'a: "x\\q"\n',
    "a: 'x' y\n",
    "- a\nb: c\n",
    "a: |2\n    x\n",
    "a: @b\n",
    "[a: b]\n",
    "a: 'x\ny: 1'\n",
    "a: 1\rb: 2\n",
    "%YAML 1.2\n",
  ])("%j", (text) => {
    expect(() => plain(text)).toThrow(Unusual as unknown as ErrorConstructor);
  });
});

describe("keys", () => {
  test("that stand twice are told of; the last one counts", () => {
    const tree = plain("a: 1\nb: {c: 1, c: 2}\na: 3\n")!;
    expect(data(tree)).toEqual({ a: 3, b: { c: 2 } });
    expect(tree.repeated).toEqual([
      { key: "c", offset: 15 },
      { key: "a", offset: 21 },
    ]);
  });

  test("of Object.prototype are keys like any other", () => {
    const { value } = plain('{__proto__: {x: 1}, constructor: 2, "toString": 3}')!;
    expect(Object.keys(value as object)).toEqual(["__proto__", "constructor", "toString"]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
    expect((value as Record<string, unknown>)["hasOwnProperty"]).toBeUndefined();
  });
});
