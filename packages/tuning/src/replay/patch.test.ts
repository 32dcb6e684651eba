import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unifiedDiff } from "@dropscope/policy";
import { applyPatch, readPatch } from "./patch.js";

const policy = (name: string, app: string, more = ""): string => `# what ${name} is for
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: shop }
spec:
  podSelector: { matchLabels: { app: ${app} } } # whom
${more}  policyTypes: [Ingress]
`;
const OPTIONS = { cluster: "default" };
const names = (some: readonly { name: string }[]): string[] => some.map(({ name }) => name);

describe("a patch", () => {
  it("changes the policy whose file it names, and no other", () => {
    const texts = [
      { name: "a.yaml", text: policy("a", "one") },
      { name: "b.yaml", text: policy("b", "two") },
    ];
    const diff = unifiedDiff(policy("b", "two"), policy("b", "three"), "b.yaml");
    const { set, remove, problems } = applyPatch(readPatch(diff), texts, OPTIONS);
    expect(problems).toEqual([]);
    expect(remove).toEqual([]);
    expect(names(set)).toEqual(["b"]);
    expect(set[0]?.subject.selector.requirements[0]?.values).toEqual(["three"]);
  });

  it("makes new policies and takes away those whose file it deletes", () => {
    const made = unifiedDiff("", policy("fresh", "new"), "policies/fresh.yaml");
    expect(names(applyPatch(readPatch(made), [], OPTIONS).set)).toEqual(["fresh"]);
    const old = policy("a", "one");
    const lines = old.trimEnd().split("\n");
    const deleted = [
      "--- a/deep/a.yaml",
      "+++ /dev/null",
      `@@ -1,${lines.length} +0,0 @@`,
      ...lines.map((line) => `-${line}`),
      "",
    ].join("\n");
    const { set, remove } = applyPatch(
      readPatch(deleted),
      [{ name: "repo/deep/a.yaml", text: old }],
      OPTIONS,
    );
    expect(set).toEqual([]);
    expect(remove).toEqual(["NetworkPolicy/shop/a"]);
  });

  it("finds what has moved, and refuses what does not fit or fits several alike", () => {
    const diff = unifiedDiff(policy("a", "one"), policy("a", "two"), "a.yaml");
    const moved = { name: "elsewhere.yaml", text: `# more\n# before\n${policy("a", "one")}` };
    expect(names(applyPatch(readPatch(diff), [moved], OPTIONS).set)).toEqual(["a"]);
    const other = { name: "a.yaml", text: policy("a", "changed-since") };
    expect(() => applyPatch(readPatch(diff), [other], OPTIONS)).toThrow("there is no policy");
    const twice = [moved, { ...moved, name: "again.yaml" }];
    expect(() => applyPatch(readPatch(diff), twice, OPTIONS)).toThrow("fits 2 policies alike");
  });

  it.each([
    ["", "it names no file"],
    ["apiVersion: v1\nkind: Pod\n", "it names no file"],
    ["@@ -1,1 +1,1 @@\n-a\n+b\n", "before any file"],
    ["--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n", "ends within a change"],
    ["--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n?a\n", "not part of a change"],
  ])("%j is none: %s", (text, why) => {
    expect(() => readPatch(text)).toThrow(why);
  });

  it("gives the text that the diff was made for, whatever was changed", () => {
    const line = fc.constantFrom("a: 1", "b: 2", "  c: 3", "# d", "");
    const text = fc
      .array(line, { maxLength: 25 })
      .map((lines) => (lines.length === 0 ? "" : `${lines.join("\n")}\n`));
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after);
        const rest = policy("p", "x");
        const [old, recent] = [`${rest}---\n${before}`, `${rest}---\n${after}`];
        const [change] = readPatch(unifiedDiff(old, recent, "p.yaml"));
        expect(change?.hunks.length).toBeGreaterThan(0);
        const { set } = applyPatch([change!], [{ name: "p.yaml", text: old }], OPTIONS);
        expect(names(set)).toContain("p");
      }),
    );
  });
});
