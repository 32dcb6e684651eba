import type { PolicyRow, PolicyVersionText } from "@dropscope/model";
import { describe, expect, it } from "vitest";
import { policyItem, policyOf } from "../lib/policy-name.js";
import { dropRate, deniesText, findingsText, matchesText, sorted, versionAt } from "./words.js";

const NONE = { error: 0, high: 0, medium: 0, low: 0, info: 0 };
const row = (name: string, more: Partial<PolicyRow> = {}): PolicyRow => ({
  policy: { kind: "NetworkPolicy", namespace: "web", name },
  from: 0,
  to: null,
  versions: 1,
  source: "folder",
  isolates: { ingress: true, egress: false },
  denies: { ingress: false, egress: false },
  pods: 1,
  workloads: 1,
  findings: NONE,
  problems: [],
  rate: 0,
  ...more,
});

describe("the list of policies", () => {
  const rows = [
    row("b"),
    row("a"),
    row("linted", { findings: { ...NONE, high: 1 } }),
    row("drops", { problems: ["p"], rate: 3 }),
    row("fresh", { from: 99 }),
  ];

  it("begins with what drops now, then with what is wrong", () => {
    const names = sorted(rows, "matters").map(({ policy }) => policy.name);
    expect(names).toEqual(["drops", "linted", "a", "b", "fresh"]);
    expect(sorted(rows, "changed")[0]?.policy.name).toBe("fresh");
    expect(sorted(rows, "name")[0]?.policy.name).toBe("a");
  });

  it("is searched by words of kind, namespace and name", () => {
    expect(matchesText(row("cart"), "np web")).toBe(true);
    expect(matchesText(row("cart"), "WEB/cart")).toBe(true);
    expect(matchesText(row("cart"), "cart payments")).toBe(false);
  });

  it("reads in plain words", () => {
    const [no, both] = [
      { ingress: false, egress: false },
      { ingress: true, egress: true },
    ];
    const out = { ingress: false, egress: true };
    expect(deniesText({ isolates: no, denies: no })).toBe("nothing");
    expect(deniesText({ isolates: no, denies: out })).toBe("egress by rule");
    expect(deniesText({ isolates: both, denies: no })).toBe("ingress and egress by default");
    expect(deniesText({ isolates: both, denies: out })).toBe(
      "ingress by default, egress by default and by rule",
    );
    expect(findingsText({ ...NONE, error: 2, info: 1 })).toBe("2 errors, 1 info");
    expect([dropRate(0), dropRate(0.04), dropRate(2.26), dropRate(300)]).toEqual([
      "",
      "<0.1/min",
      "2.3/min",
      "5.0/s",
    ]);
  });
});

it("a policy in the address comes back as it went", () => {
  for (const namespace of ["web", ""]) {
    const policy = { kind: "CiliumNetworkPolicy", namespace, name: "a.b" };
    expect(policyOf(policyItem(policy))).toEqual(policy);
  }
  for (const text of ["", "a", "a/b", "a/b/c/d", "//"]) expect(policyOf(text)).toBeUndefined();
});

it("the version of a moment is the one that held then, else the newest", () => {
  const version = (from: number | null, to: number | null): PolicyVersionText => ({
    policy: { kind: "", namespace: "", name: "" },
    from,
    to,
    source: "",
    yaml: "",
    marks: [],
    resourceVersion: "",
    diff: "",
  });
  const versions = [version(200, null), version(100, 200), version(null, 50)];
  expect(versionAt(versions, 250)).toBe(versions[0]);
  expect(versionAt(versions, 199)).toBe(versions[1]);
  expect(versionAt(versions, 10)).toBe(versions[2]);
  expect(versionAt(versions, 70)).toBe(versions[0]);
  expect(versionAt([], 70)).toBeUndefined();
});
