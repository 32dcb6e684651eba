import type { FilterFlag } from "@dropscope/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as line from "./filter-line.js";

const FLAGS: FilterFlag[] = [
  { name: "--verdict", value: "verdict", help: "Only this verdict", values: ["DROPPED"] },
  { name: "--to-port", value: "port", help: "Destination port" },
  { name: "--namespace", short: "-n", value: "namespace", help: "Either end" },
  { name: "--not", value: "", help: "Turns the next flag around" },
];

describe("words", () => {
  it("splits as a shell does and knows where each stands", () => {
    expect(line.words(`--pod "a b"  c\\ d`)).toEqual([
      { text: "--pod", start: 0, end: 5 },
      { text: "a b", start: 6, end: 11 },
      { text: "c d", start: 13, end: 17 },
    ]);
  });

  it("a quoted value survives", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        expect(line.words(line.quoted(text))[0]?.text).toBe(text);
      }),
    );
  });
});

describe("chips", () => {
  it("reads flags with values, short forms, equals signs and --not", () => {
    const found = line.chips("--verdict DROPPED -n=x --not -n web --to-port=53 stray", FLAGS);
    expect(found.map(({ not, flag, value }) => [not, flag, value])).toEqual([
      [false, "--verdict", "DROPPED"],
      [false, "-n=x", ""],
      [true, "-n", "web"],
      [false, "--to-port", "53"],
      [false, "", "stray"],
    ]);
  });

  it("taking one out leaves the others", () => {
    const text = "--verdict DROPPED --not -n web --to-port 53";
    const chip = line.chips(text, FLAGS)[1];
    expect(chip && line.withoutChip(text, chip)).toBe("--verdict DROPPED --to-port 53");
  });

  it("adds a condition once", () => {
    const once = line.withFlag("", "--verdict", "DROPPED", FLAGS);
    expect(line.withFlag(once, "--verdict", "DROPPED", FLAGS)).toBe("--verdict DROPPED");
    expect(line.withFlag(once, "--to-port", "53", FLAGS)).toBe("--verdict DROPPED --to-port 53");
  });
});

describe("completion", () => {
  it.each([
    ["", "flag", ""],
    ["--ver", "flag", "--ver"],
    ["--verdict ", "value", ""],
    ["--verdict DR", "value", "DR"],
    ["--verdict=DR", "value", "DR"],
    ["--verdict DROPPED ", "flag", ""],
    ["--not ", "flag", ""],
    ["-n pay", "value", "pay"],
  ])("at the end of %j offers a %s for %j", (text, kind, prefix) => {
    expect(line.completionAt(text, text.length, FLAGS)).toMatchObject({ kind, prefix });
  });

  it("replaces the whole word that the caret is in", () => {
    expect(line.completionAt("--ver --to-port 5", 4, FLAGS)).toMatchObject({ start: 0, end: 5 });
  });

  it("finds flags by name first, then by what they say", () => {
    expect(line.matchingFlags("--to", FLAGS).map(({ name }) => name)).toEqual(["--to-port"]);
    expect(line.matchingFlags("port", FLAGS).map(({ name }) => name)).toEqual(["--to-port"]);
    expect(line.matchingFlags("either", FLAGS).map(({ name }) => name)).toEqual(["--namespace"]);
  });
});
