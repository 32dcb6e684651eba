import { describe, expect, test } from "vitest";
import { parseLabels } from "../labels.js";
import type { Requirement } from "../selector.js";
import { isSlip, nearLabel } from "./near-label.js";

const LABELS = parseLabels([
  "k8s:app=backend",
  "k8s:app.kubernetes.io/name=shop",
  "k8s:track=stable",
  "k8s:io.kubernetes.pod.namespace=web",
  "k8s:io.cilium.k8s.namespace.labels.team=web",
]);

const wants = (key: string, ...values: string[]): Requirement => ({
  source: "k8s",
  key,
  operator: values.length === 0 ? "Exists" : "In",
  values,
});

describe("the label that a requirement most likely meant", () => {
  test.each<[string, Requirement, ReturnType<typeof nearLabel>]>([
    ["the same key", wants("app", "db"), { key: "app", value: "backend", by: "value" }],
    ["a slip in the value", wants("app", "bakcend"), { key: "app", value: "backend", by: "typo" }],
    ["a slip in the key", wants("tarck", "stable"), { key: "track", value: "stable", by: "typo" }],
    [
      "a slip in a key that must be there",
      wants("trck"),
      { key: "track", value: "stable", by: "typo" },
    ],
    [
      "the value under another key",
      wants("name", "shop"),
      { key: "app.kubernetes.io/name", value: "shop", by: "same-value" },
    ],
    ["nothing near", wants("zone", "a"), undefined],
    ["no label of the namespace for one of the pod", wants("tem", "web"), undefined],
  ])("%s", (_, requirement, near) => {
    expect(nearLabel(requirement, LABELS)).toEqual(near);
  });

  test("none for a label that must be absent and is", () => {
    const requirement = { ...wants("ap"), operator: "DoesNotExist" } as const;
    expect(nearLabel(requirement, LABELS)).toBeUndefined();
  });
});

describe("a slip of typing", () => {
  test.each([
    ["backend", "bakcend"],
    ["backend", "backned"],
    ["front", "Front"],
    ["web", "wep"],
  ])("%s, %s", (a, b) => expect(isSlip(a, b)).toBe(true));

  test.each([
    ["web", "db"],
    ["app-1", "app-2"],
    ["v1", "v2"],
    ["api", "web"],
    ["web", "web"],
    ["x".repeat(1_000_000), `${"x".repeat(999_999)}y`],
  ])("but none (%#)", (a, b) => expect(isSlip(a, b)).toBe(false));
});
