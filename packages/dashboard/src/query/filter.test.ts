import { describe, expect, test } from "vitest";
import type { Problem } from "../problem.js";
import { parseFilter, selectionKey } from "./filter.js";

function fault(line: string): Problem {
  try {
    parseFilter(line);
  } catch (error) {
    return error as Problem;
  }
  throw new Error(`${line} was accepted`);
}

describe("filter lines", () => {
  test("an empty line selects everything", () => {
    expect(parseFilter("")).toEqual({ allow: [], deny: [] });
  });

  test.each<[string, string]>([
    ["--verdict DROPED", "DROPED"],
    ["--to-port 70000", "70000"],
    ["--ip 10.0.0.0/33", "10.0.0.0/33"],
    ["--from-ip 300.1.1.1", "300.1.1.1"],
    ["--http-path (", "("],
    ["--http-url (?=x)", "(?=x)"],
    ["--protocol smtp", "smtp"],
    ["--verdikt DROPPED", "--verdikt"],
    ["frontend", "frontend"],
    ["--pod", "--pod"],
    ["--verdict DROPPED --policy a/b/c", "a/b/c"],
    ["--problem nothing", "nothing"],
    ["--label 'app in (a'", "("],
    ["--http-path ((a{100}){100}){100}", "((a{100}){100}){100}"],
    [`--http-path ${"(".repeat(3000)}${")".repeat(3000)}`.slice(0, 4096), "("],
    ["--verdict DROPPED ".repeat(300), "-"],
  ])("%s points at the fault", (line, part) => {
    const { status, code, message, next, at } = fault(line);
    expect(status).toBe(400);
    expect(code).toMatch(/^FILTER_/);
    expect(message).toMatch(/^[^a-z].*[.?!]$/);
    expect(next).not.toBe("");
    expect(line.slice(...(at as [number, number]))).toContain(part);
  });

  test("a regular expression that would explode elsewhere is linear here", () => {
    expect(() => parseFilter("--http-path (a+)+$")).not.toThrow();
  });

  test("equal questions have one key, others another", () => {
    const key = (line: string) => selectionKey(parseFilter(line));
    expect(key("--verdict DROPPED --verdict AUDIT --to-port 53")).toBe(
      key("--to-port=53 --verdict AUDIT --verdict DROPPED --verdict DROPPED"),
    );
    const keys = [
      "",
      "--verdict DROPPED",
      "--not --verdict DROPPED",
      "--to-port 53",
      "--from-port 53",
    ];
    expect(new Set(keys.map(key)).size).toBe(keys.length);
  });
});
