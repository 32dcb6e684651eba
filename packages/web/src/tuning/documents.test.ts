import { applyPatch } from "diff";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documentsOf, fileNames, patchOf } from "./documents.js";

const doc = (kind: string, name: string, more = ""): string =>
  `apiVersion: networking.k8s.io/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${more}spec:\n  podSelector: {}\n`;

describe("documents of a text", () => {
  it("are told by kind, namespace and name; comments alone are none", () => {
    const text = `# Of the shop.\n---\n${doc("NetworkPolicy", "cart", "  namespace: web\n")}---\n${doc("CiliumNetworkPolicy", '"api"')}--- # the last\n${doc("CiliumClusterwideNetworkPolicy", "dns")}---\n`;
    expect(documentsOf(text, "payments").map(({ policy }) => policy)).toEqual([
      { kind: "NetworkPolicy", namespace: "web", name: "cart" },
      { kind: "CiliumNetworkPolicy", namespace: "payments", name: "api" },
      { kind: "CiliumClusterwideNetworkPolicy", namespace: "", name: "dns" },
    ]);
  });

  it("labels and annotations that are called name are not the name", () => {
    const text = `kind: NetworkPolicy
metadata:
  labels:
    name: other
    namespace: elsewhere
  # name: nor this
  name: cart

  annotations: { name: another }
spec: {}
`;
    expect(documentsOf(text, "web")[0]?.policy).toEqual({
      kind: "NetworkPolicy",
      namespace: "web",
      name: "cart",
    });
  });

  it("a text that is not finished has empty names, and no error", () => {
    for (const text of ["", "kind", "kind:\nmetadata:", "metadata:\n  name:", "- a\n- b", "{"]) {
      for (const { policy } of documentsOf(text, "web")) {
        expect(policy.name).toBe("");
      }
    }
  });

  it("each has a file of its own", () => {
    const text = [
      doc("NetworkPolicy", "cart"),
      doc("CiliumNetworkPolicy", "cart"),
      doc("CiliumNetworkPolicy", "cart"),
      "spec: {}\n",
    ].join("---\n");
    expect(fileNames(documentsOf(text, "web"))).toEqual([
      "cart.yaml",
      "cart-ciliumnetworkpolicy.yaml",
      "cart-3.yaml",
      "policy-4.yaml",
    ]);
  });

  const line = fc.constantFrom("  a: 1", "  b: 2", "  - c", "# d", "", "kind: x", "\\", "  e: ---");
  const text = fc
    .array(line, { minLength: 1, maxLength: 30 })
    .map((all) => `kind: K\n${all.join("\n")}`);

  it("what is split was joined", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (texts) => {
        const whole = texts.map((each) => `${each.trimEnd()}\n`).join("---\n");
        expect(
          documentsOf(whole, "web")
            .map((each) => each.text)
            .join("---\n"),
        ).toBe(whole);
      }),
    );
  });

  it("a patch makes the one text of the other", () => {
    fc.assert(
      fc.property(fc.option(text, { nil: undefined }), text, (before, after) => {
        const patch = patchOf("cart.yaml", before, after);
        const [from, to] = [before ?? "", after].map((each) =>
          each === "" ? "" : `${each.trimEnd()}\n`,
        );
        if (from === to) return expect(patch).toBe("");
        expect(
          patch.startsWith(
            `--- ${before === undefined ? "/dev/null" : "a/cart.yaml"}\n+++ b/cart.yaml\n@@ `,
          ),
        ).toBe(true);
        expect(applyPatch(from ?? "", patch)).toBe(to);
      }),
    );
  });
});
