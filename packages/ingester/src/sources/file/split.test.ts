import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSplitter, type Piece } from "./split.js";

type Value = Record<string, unknown>;

/** Takes objects with a number `n`; what it returns is that number. */
function split(input: string | Uint8Array, chunk = Number.POSITIVE_INFINITY, maxBytes?: number) {
  const splitter = createSplitter<number>(
    (value: Value) => (typeof value["n"] === "number" ? value["n"] : undefined),
    maxBytes,
  );
  const bytes = typeof input === "string" ? Buffer.from(input) : input;
  const pieces: Piece<number>[] = [];
  for (let at = 0; at < bytes.length; at += chunk) {
    pieces.push(...splitter.push(bytes.subarray(at, Math.min(bytes.length, at + chunk))));
  }
  return [...pieces, ...splitter.end()];
}

function values(pieces: Piece<number>[]): number[] {
  return pieces.flatMap((piece) => (piece.kind === "value" ? [piece.value] : []));
}

const CONTAINERS: [name: string, text: string][] = [
  ["JSON lines", '{"n":1}\n{"n":2}\n{"n":3}\n'],
  ["the last line without a line break", '{"n":1}\n{"n":2}\n{"n":3}'],
  ["CRLF", '{"n":1}\r\n{"n":2}\r\n{"n":3}\r\n'],
  ["a byte order mark", '\ufeff{"n":1}\n{"n":2}\n{"n":3}'],
  ["an array on one line", '[{"n":1},{"n":2},{"n":3}]'],
  ["an array with a value a line", '[\n{"n":1},\n{"n":2},\n{"n":3}\n]\n'],
  ["a pretty-printed array", JSON.stringify([{ n: 1 }, { n: 2 }, { n: 3 }], null, 2)],
  ["pretty-printed values", [1, 2, 3].map((n) => JSON.stringify({ n }, null, "\t")).join("\n")],
  ["values without anything between", '{"n":1}{"n":2}{"n":3}'],
  ["values with blanks between", ' {"n":1}  {"n":2}\n\n\n{"n":3} '],
  ["arrays one after the other", '[{"n":1}]\n[]\n[{"n":2},{"n":3}]'],
  ["log prefixes", 'stdout F {"n":1}\n[node] {"n":2}\n2023-01-01T00:00:00Z {"n":3} trailing\n'],
];

describe("where values stand", () => {
  it.each(CONTAINERS)("%s", (_name, text) => {
    for (const chunk of [1, 2, 3, 7, 1000]) {
      expect(split(text, chunk).filter(({ kind }) => kind !== "value")).toEqual([]);
      expect(values(split(text, chunk))).toEqual([1, 2, 3]);
    }
  });

  it("text lines are counted with their lines, and so are foreign objects", () => {
    const text = [
      "time=2024-01-01T00:00:00Z level=WARN msg=hello",
      '{"n":1}',
      "",
      "[info] E0101 port-forward failed",
      '{"other":true}',
      'level=info msg="{\\"n\\":5}"',
      'level=info payload={"a":1} rest',
      '{"n":2}',
      "last words",
    ].join("\n");
    for (const chunk of [1, 5, 1000]) {
      expect(split(text, chunk)).toEqual([
        { kind: "text", line: 1 },
        { kind: "value", value: 1, line: 2 },
        { kind: "text", line: 4 },
        { kind: "foreign", line: 5 },
        { kind: "text", line: 6 },
        { kind: "text", line: 7 },
        { kind: "value", value: 2, line: 8 },
        { kind: "text", line: 9 },
      ]);
    }
  });

  it("nothing at all", () => {
    expect(split("")).toEqual([]);
    expect(split(" \n\n[]\n")).toEqual([]);
  });

  it("braces, quotes and escapes inside strings do not count", () => {
    const text = JSON.stringify({ n: 1, text: '}{][\\"\\\\" \u2028 ü 😀' }, null, 1);
    for (const chunk of [1, 2, 3, 1000]) expect(values(split(text + text, chunk))).toEqual([1, 1]);
  });
});

const BROKEN: [name: string, broken: string][] = [
  ["cut inside a string", '{"n":9,"text":"abc'],
  ["cut behind a key", '{"n":9,"text"'],
  ["cut behind a colon", '{"n":9,"text":'],
  ["cut behind a comma", '{"n":9,'],
  ["cut inside a nested object", '{"n":9,"in":{"a":{"b":1},'],
  ["cut inside a nested array", '{"n":9,"in":[{"b":1},'],
  ["a brace too few", '{"n":9,"in":{"a":1}'],
  ["a bracket for a brace", '{"n":9]'],
  ["no JSON inside", '{"n":nope}'],
  ["cut inside an escape", '{"n":9,"text":"abc\\'],
  ["nested far too deep", '{"n":'.repeat(150)],
  ["pretty-printed, cut in the middle", '{\n  "n": 9,\n  "in": [\n    {\n      "a": 1\n    },'],
];

describe("a broken value costs only itself", () => {
  it.each(BROKEN)("%s, in lines", (_name, broken) => {
    const text = `{"n":1}\n${broken}\n{"n":2}\n{"n":3}\n`;
    for (const chunk of [1, 4, 1000]) {
      expect(values(split(text, chunk))).toEqual([1, 2, 3]);
      expect(split(text, chunk).filter(({ kind }) => kind !== "value")).toEqual([
        { kind: "broken", reason: "bad-json", line: 2 },
      ]);
    }
  });

  it.each(BROKEN.filter(([name]) => !name.startsWith("pretty")))(
    "%s, at the end",
    (_name, broken) => {
      const pieces = split(`{"n":1}\n${broken}`, 3);
      expect(values(pieces)).toEqual([1]);
      expect(pieces.filter(({ kind }) => kind === "broken")).toHaveLength(1);
    },
  );

  it("inside an array on one line, the next flow is found", () => {
    const text = '[{"flow":{},"n":1},{"flow":{"a":["},{"flow":{},"n":2},{"flow":{},"n":3}]';
    expect(values(split(text, 5))).toEqual([1, 2, 3]);
  });

  it("a value above the limit is refused, and the memory does not grow with it", () => {
    const huge = `{"n":9,"text":"${"x".repeat(200_000)}`;
    for (const end of ['"}\n', "\n", ""]) {
      const text = `{"n":1}\n${huge}${end}${end === "" ? "" : '{"n":2}'}`;
      const pieces = split(text, 1000, 50_000);
      expect(values(pieces)).toEqual(end === "" ? [1] : [1, 2]);
      expect(pieces.filter(({ kind }) => kind === "broken")).toEqual([
        { kind: "broken", reason: "too-large", line: 2 },
      ]);
    }
  });

  it("a missing bracket that seems to hold the rest of the file does not", () => {
    const lines = Array.from({ length: 2000 }, (_, n) => `{"n":${n}},`).join("\n");
    const pieces = split(`{"n":-1,"in":[\n${lines}`, 4096, 10_000);
    expect(values(pieces)).toHaveLength(2000);
  });
});

describe("whatever the bytes are", () => {
  it("never throws, and finds every whole line behind the garbage", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 64 }),
        (garbage, chunk) => {
          const tail = Buffer.from('\n\n{"n":-1}\n{"n":-2}\n{"n":-3}\n');
          const found = values(split(Buffer.concat([garbage, tail]), chunk));
          expect(found.slice(-3)).toEqual([-1, -2, -3]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("a cut or flipped byte costs at most the values it touches", () => {
    const lines = Array.from({ length: 20 }, (_, n) =>
      JSON.stringify({ n, in: { a: [{ b: "x}" }, { c: '"' }] } }),
    );
    const whole = Buffer.from(`${lines.join("\n")}\n`);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: whole.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        fc.boolean(),
        (at, byte, cut) => {
          const bytes = cut
            ? Buffer.concat([whole.subarray(0, at), whole.subarray(at + 5)])
            : Buffer.from(whole);
          if (!cut) bytes[at] = byte;
          const found = values(split(bytes, 37)).filter((n) => n >= 0 && n < 20);
          // The line itself, and the next one when the line break between them is gone.
          expect(new Set(found).size).toBeGreaterThanOrEqual(17);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("chunks make no difference", () => {
    const piece = fc.constantFrom(
      '{"n":1}',
      "{",
      "}",
      "[",
      "]",
      '"',
      ",",
      "\n",
      "a",
      '{"x":',
      "\\",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        (parts, chunk) => {
          const text = parts.join("");
          expect(values(split(text, chunk))).toEqual(values(split(text)));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
