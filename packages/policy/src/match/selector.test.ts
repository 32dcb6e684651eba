import { describe, expect, it } from "vitest";
import { parseLabels } from "../labels.js";
import type { Requirement } from "../selector.js";
import { failingRequirements, matchesSelector } from "./selector.js";

const labels = parseLabels(["k8s:app=web", "k8s:tier=", "reserved:host", "node:role=worker"]);

function requirement(
  operator: Requirement["operator"],
  key: string,
  values: string[] = [],
  source = "k8s",
): Requirement {
  return { source, key, operator, values };
}

describe("selectors", () => {
  it.each([
    [requirement("In", "app", ["api", "web"]), true],
    [requirement("In", "app", ["api"]), false],
    [requirement("In", "missing", ["api"]), false],
    [requirement("NotIn", "app", ["web"]), false],
    [requirement("NotIn", "app", ["api"]), true],
    [requirement("NotIn", "missing", ["api"]), true],
    [requirement("Exists", "tier"), true],
    [requirement("Exists", "missing"), false],
    [requirement("DoesNotExist", "tier"), false],
    [requirement("DoesNotExist", "missing"), true],
    [requirement("Exists", "role"), false],
    [requirement("In", "role", ["worker"], "any"), true],
    [requirement("In", "role", ["worker"], "node"), true],
    [requirement("In", "host", [""], "reserved"), true],
    [requirement("Exists", "host"), false],
  ])("%j holds: %s", (one, expected) => {
    expect(matchesSelector({ requirements: [one] }, labels)).toBe(expected);
    expect(failingRequirements({ requirements: [one] }, labels)).toEqual(expected ? [] : [one]);
  });

  it("matches everything without requirements, and needs all of several", () => {
    expect(matchesSelector({ requirements: [] }, labels)).toBe(true);
    const both = [requirement("Exists", "app"), requirement("Exists", "missing")];
    expect(matchesSelector({ requirements: both }, labels)).toBe(false);
    expect(failingRequirements({ requirements: both }, labels)).toEqual([both[1]]);
  });
});
