import type { FilterFlag } from "@dropscope/model";
import { describe, expect, it } from "vitest";
import * as line from "./filter-line.js";

const FLAGS: FilterFlag[] = [
  { name: "--verdict", value: "verdict", help: "Only this verdict", values: ["DROPPED"] },
  { name: "--to-port", value: "port", help: "Destination port" },
  { name: "--namespace", short: "-n", value: "namespace", help: "Either end" },
  { name: "--not", value: "", help: "Turns the next flag around" },
];

describe("chips", () => {
  it("reads flags as the server does: values, short and joined forms, equals signs, --not, words", () => {
    const found = line.chips(
      "--verdict DROPPED -n=x --not -n web --to-port=53 stray -4A --reply=false --label 'app in (a)'",
    );
    expect(found.map(({ not, flag, value }) => [not, flag, value])).toEqual([
      [false, "--verdict", "DROPPED"],
      [false, "--namespace", "x"],
      [true, "--namespace", "web"],
      [false, "--to-port", "53"],
      [false, "", "stray"],
      [false, "--ipv4", ""],
      [false, "--all-namespaces", ""],
      [false, "--reply", "false"],
      [false, "--label", "app in (a)"],
    ]);
  });

  it("of a line with an error shows what stands before it", () => {
    const flags = (text: string): string[] => line.chips(text).map(({ flag }) => flag);
    expect(flags("--verdict DROPPED --no-such x --to-port 53")).toEqual(["--verdict"]);
    expect(flags("--verdict DROPPED --to-port")).toEqual(["--verdict"]);
    expect(flags("--not")).toEqual([]);
  });

  it("taking one out leaves the others", () => {
    const text = "--verdict DROPPED --not -n web --to-port 53";
    const chip = line.chips(text)[1];
    expect(chip && line.withoutChip(text, chip)).toBe("--verdict DROPPED --to-port 53");
  });

  it("turning one round and back changes nothing else", () => {
    const text = "--verdict DROPPED  --not -n web --to-port 53";
    for (const [index, chip] of line.chips(text).entries()) {
      const round = line.turned(text, chip);
      const other = line.chips(round)[index];
      expect(other?.not).toBe(!chip.not);
      expect(other && line.turned(round, other)).toBe(text);
    }
  });

  it("says what of the line to edit", () => {
    const text = "--not --to-pod 'a b' word";
    expect(line.chips(text).map(({ edit }) => text.slice(...edit))).toEqual(["'a b'", "word"]);
  });

  it("adds a condition once", () => {
    const once = line.withFlag("", "--verdict", "DROPPED");
    expect(line.withFlag(once, "--verdict", "DROPPED")).toBe("--verdict DROPPED");
    expect(line.withFlag(once, "--to-port", "53")).toBe("--verdict DROPPED --to-port 53");
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
