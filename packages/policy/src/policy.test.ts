import { describe, expect, test } from "vitest";
import { isolating } from "./isolation.js";
import { parseLabels } from "./labels.js";
import { parseManifests } from "./parse/manifests.js";

const checkout = {
  namespace: "web",
  labels: parseLabels([
    "k8s:app=checkout",
    "k8s:tier=backend",
    "k8s:io.kubernetes.pod.namespace=web",
  ]),
};

function names(yaml: string, direction: "ingress" | "egress"): string[] {
  const parsed = parseManifests(yaml, "test.yaml");
  expect(parsed.problems).toEqual([]);
  return isolating(parsed.policies, checkout, direction).map((policy) => policy.name);
}

const knp = (spec: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: p, namespace: web }
spec: ${spec}
`;

const cnp = (spec: string): string => `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: p, namespace: web }
spec: ${spec}
`;

describe("NetworkPolicy", () => {
  test("without policyTypes, ingress is isolated even when only egress rules are written", () => {
    const yaml = knp("{ podSelector: {}, egress: [{}] }");
    expect(names(yaml, "ingress")).toEqual(["p"]);
    expect(names(yaml, "egress")).toEqual(["p"]);
  });

  test("an empty egress list without policyTypes leaves egress open", () => {
    expect(names(knp("{ podSelector: {}, egress: [] }"), "egress")).toEqual([]);
  });

  test("policyTypes decides when it is there", () => {
    const yaml = knp("{ podSelector: {}, policyTypes: [Egress] }");
    expect(names(yaml, "ingress")).toEqual([]);
    expect(names(yaml, "egress")).toEqual(["p"]);
  });

  test("selects by k8s labels only, and only in its namespace", () => {
    expect(names(knp("{ podSelector: { matchLabels: { app: checkout } } }"), "ingress")).toEqual([
      "p",
    ]);
    expect(names(knp("{ podSelector: { matchLabels: { app: cart } } }"), "ingress")).toEqual([]);
    const elsewhere = knp("{ podSelector: {} }").replace("namespace: web", "namespace: other");
    expect(names(elsewhere, "ingress")).toEqual([]);
  });

  test.each([
    ["{ key: app, operator: In, values: [checkout, cart] }", true],
    ["{ key: app, operator: NotIn, values: [cart] }", true],
    ["{ key: missing, operator: NotIn, values: [x] }", true],
    ["{ key: missing, operator: Exists }", false],
    ["{ key: missing, operator: DoesNotExist }", true],
    ["{ key: app, operator: DoesNotExist }", false],
  ])("matchExpressions %s → %s", (expression, selected) => {
    const yaml = knp(`{ podSelector: { matchExpressions: [${expression}] } }`);
    expect(names(yaml, "ingress")).toEqual(selected ? ["p"] : []);
  });
});

describe("CiliumNetworkPolicy", () => {
  test("a rule in a direction isolates that direction, a deny rule too", () => {
    expect(names(cnp("{ endpointSelector: {}, ingress: [{}] }"), "ingress")).toEqual(["p"]);
    expect(names(cnp("{ endpointSelector: {}, ingress: [{}] }"), "egress")).toEqual([]);
    expect(
      names(cnp("{ endpointSelector: {}, egressDeny: [{ toEntities: [world] }] }"), "egress"),
    ).toEqual(["p"]);
  });

  test("enableDefaultDeny overrides", () => {
    const yaml = cnp(
      "{ endpointSelector: {}, ingress: [{}], enableDefaultDeny: { ingress: false } }",
    );
    expect(names(yaml, "ingress")).toEqual([]);
  });

  test("label sources: k8s:, any: and none", () => {
    for (const key of ["k8s:app", "any:app", "app"])
      expect(
        names(
          cnp(`{ endpointSelector: { matchLabels: { "${key}": checkout } }, ingress: [{}] }`),
          "ingress",
        ),
      ).toEqual(["p"]);
    expect(
      names(
        cnp(`{ endpointSelector: { matchLabels: { "reserved:app": checkout } }, ingress: [{}] }`),
        "ingress",
      ),
    ).toEqual([]);
  });

  test("without any rule the policy is invalid and not enforced", () => {
    const parsed = parseManifests(cnp("{ endpointSelector: {} }"), "f");
    expect(parsed.policies).toEqual([]);
    expect(parsed.problems).toMatchObject([
      { code: "EMPTY_POLICY", place: { file: "f", line: 5 } },
    ]);
  });

  test("a clusterwide policy selects in every namespace, a node policy selects no pod", () => {
    const ccnp = (subject: string): string => `
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: { name: all }
spec: { ${subject}: {}, ingress: [{}] }
`;
    expect(names(ccnp("endpointSelector"), "ingress")).toEqual(["all"]);
    expect(names(ccnp("nodeSelector"), "ingress")).toEqual([]);
  });
});

describe("files", () => {
  test("several documents, lists and other kinds; a broken one does not stop the rest", () => {
    const parsed = parseManifests(
      `${knp("{ podSelector: {} }")}---\nkind: ConfigMap\n---\na: [1\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: networking.k8s.io/v1\n  kind: NetworkPolicy\n  metadata: { name: q }\n  spec: {}\n`,
      "f",
    );
    expect(parsed.policies.map((policy) => `${policy.namespace}/${policy.name}`)).toEqual([
      "web/p",
      "default/q",
    ]);
    expect(parsed.policies[1]!.place.line).toBe(14);
    expect(parsed.problems.map((problem) => problem.code)).toEqual(["YAML"]);
  });

  test("bombs and prototypes are inert", () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefgh"
      .split("")
      .map(
        (letter, index) =>
          `${letter}: &${letter} [${Array(9).fill(`*${"abcdefgh"[index]}`).join(",")}]`,
      )
      .join("\n")}\n`;
    expect(parseManifests(bomb, "f").problems.map((problem) => problem.code)).toEqual([
      "TOO_LARGE",
    ]);
    parseManifests(
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x}\nspec: {podSelector: {matchLabels: {__proto__: {polluted: "1"}}}}',
      "f",
    );
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(parseManifests("x".repeat((1 << 20) + 1), "f").problems[0]!.code).toBe("TOO_LARGE");
  });
});
