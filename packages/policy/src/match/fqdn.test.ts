import { describe, expect, it } from "vitest";
import { matchesName } from "./fqdn.js";

const pattern = (text: string, name: string): boolean =>
  matchesName({ kind: "pattern", pattern: text }, name);

describe("names", () => {
  it("compares exact names without case and trailing dot", () => {
    expect(matchesName({ kind: "name", name: "One.One.One.One." }, "one.one.one.one")).toBe(true);
    expect(matchesName({ kind: "name", name: "one.one.one" }, "one.one.one.one")).toBe(false);
  });

  it.each([
    ["*.cilium.io", "anothersub.cilium.io", true],
    ["*.cilium.io", "cilium.io", false],
    ["*.cilium.io", "a.b.cilium.io", false],
    ["*cilium.io", "cilium.io", true],
    ["*cilium.io", "xcilium.io", true],
    ["*.*.cilium.io", "special-eu-service.api.cilium.io", true],
    ["special*service.api.cilium.io", "special-eu-service.api.cilium.io", true],
    ["special*service.api.cilium.io", "special.service.api.cilium.io", false],
    ["**.cilium.io", "a.b.c.cilium.io", true],
    ["**.cilium.io", "a.cilium.io", true],
    ["**.cilium.io", "cilium.io", false],
    ["*", "anything.at.all", true],
    ["", "a", false],
    ["a*b*c", "aXXbYYc", true],
    ["a*b*c", "acb", false],
    ["A*.Example.", "abc.example", true],
  ])("%s and %s: %s", (text, name, expected) => {
    expect(pattern(text, name)).toBe(expected);
  });

  it("takes every other character literally", () => {
    expect(pattern("a.c", "abc")).toBe(false);
    expect(pattern("(a+)+$", "aaaa")).toBe(false);
    expect(pattern("[a-z]*", "abc")).toBe(false);
  });

  it("is done with a hostile pattern at once", () => {
    const started = performance.now();
    expect(pattern("a*".repeat(1000) + "b", "a".repeat(5000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
