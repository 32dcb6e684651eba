import { describe, expect, test } from "vitest";
import { AT, dbIngress, drop, explainBy, pod, told } from "./testing.js";

const nameLabels = (name: string, team: string) => `
apiVersion: v1
kind: Namespace
metadata: { name: ${name}, labels: { team: ${team} } }
`;
const podYaml = (app: string) => `
apiVersion: v1
kind: Pod
metadata: { name: checkout-0, namespace: web, labels: { app: ${app} } }
spec: { containers: [{ name: c, image: i }] }
`;
const seconds = (number: number): string => new Date(AT + number * 1000).toISOString();
const near = (time: string) => expect.stringContaining(time.slice(0, 19)) as string;

describe("a change in flight", () => {
  const policy = { kind: "NetworkPolicy", namespace: "web", name: "db-ingress" };

  test.each([
    ["allowed since 3 s, denied before", [dbIngress(), -3600, dbIngress("checkout"), -3], -3],
    [
      "the node's clock is behind: denied from 1 s after on",
      [dbIngress("checkout"), -3600, dbIngress(), 1],
      1,
    ],
  ] as const)("%s", (_, [first, from, then, to], at) => {
    const { catalog } = told().set(from, first).set(to, then);
    const explanation = explainBy(catalog, drop());
    expect(explanation).toMatchObject({
      outcome: "policy-changed",
      selecting: [policy],
      nearest: { policy: "web/db-ingress", failed: [{ wanted: "app=api", got: "app=checkout" }] },
      change: { ...policy, what: "policy", action: "changed", time: near(seconds(at)) },
    });
    expect(explanation.sentence).toMatch(
      /NetworkPolicy web\/db-ingress was changed at 2026-03-01T/,
    );
  });

  test("a policy that was removed, or added, just then", () => {
    const removed = told().set(-3600, dbIngress()).remove(-2, "NetworkPolicy", "db-ingress");
    expect(explainBy(removed.catalog, drop())).toMatchObject({
      outcome: "policy-changed",
      change: { action: "removed", name: "db-ingress" },
      places: [{ role: "isolates" }, { role: "nearest" }],
    });
    const other = dbIngress("checkout").replace("db-ingress", "db-checkout");
    const added = told().set(-3600, dbIngress()).set(-2, other);
    expect(explainBy(added.catalog, drop())).toMatchObject({
      outcome: "policy-changed",
      change: { action: "added", name: "db-checkout" },
    });
  });

  test.each([
    ["11 s before", [dbIngress(), -3600, dbIngress("checkout"), -11]],
    ["3 s after", [dbIngress("checkout"), -3600, dbIngress(), 3]],
  ] as const)("%s is no longer in flight: unexplained", (_, [first, from, then, to]) => {
    const { catalog } = told().set(from, first).set(to, then);
    expect(explainBy(catalog, drop())).toMatchObject({ outcome: "unexplained", selecting: [] });
  });

  test("changes of policies that have no say are no cause", () => {
    const other = dbIngress().replaceAll("db", "cart");
    const { catalog } = told().set(-3600, dbIngress("checkout")).set(-3, other);
    expect(explainBy(catalog, drop())).toMatchObject({ outcome: "unexplained", change: null });
  });

  test("labels of a pod: the flow has the new ones, the policy map knew the old", () => {
    const { catalog } = told()
      .set(-3600, dbIngress("api"))
      .set(-3600, podYaml("checkout"))
      .set(-4, podYaml("api"));
    const flow = drop({ source: { ...pod("web", "api"), pod_name: "checkout-0" } });
    expect(explainBy(catalog, flow)).toMatchObject({
      outcome: "policy-changed",
      change: { what: "pod", action: "changed", namespace: "web", name: "checkout-0" },
      nearest: { failed: [{ wanted: "app=api", got: "app=checkout" }] },
    });
    // Negative control: the same pod without a change.
    const still = told().set(-3600, dbIngress("api")).set(-3600, podYaml("api"));
    expect(explainBy(still.catalog, flow).outcome).toBe("unexplained");
  });

  test("labels of a namespace", () => {
    const policyOfTeam = dbIngress().replace(
      "podSelector: { matchLabels: { app: api } }",
      "namespaceSelector: { matchLabels: { team: b } }",
    );
    const { catalog } = told()
      .set(-3600, policyOfTeam)
      .set(-3600, nameLabels("shop", "a"))
      .set(-5, nameLabels("shop", "b"));
    const source = pod("shop", "checkout", ["k8s:io.cilium.k8s.namespace.labels.team=b"]);
    expect(explainBy(catalog, drop({ source }))).toMatchObject({
      outcome: "policy-changed",
      change: { what: "namespace", name: "shop" },
      nearest: { failed: [{ wanted: "namespace label team=b", got: "namespace label team=a" }] },
    });
  });

  test("a deny rule that the data path still names", () => {
    const deny = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: no-all, namespace: web }
spec: { endpointSelector: { matchLabels: { app: db } }, ingressDeny: [{ fromEntities: [all] }] }
`;
    const { catalog } = told().set(-3600, deny).remove(-2, "CiliumNetworkPolicy", "no-all");
    const flow = drop({
      drop_reason_desc: "POLICY_DENY",
      ingress_denied_by: [{ name: "no-all", namespace: "web", kind: "CiliumNetworkPolicy" }],
    });
    expect(explainBy(catalog, flow)).toMatchObject({
      outcome: "denied-by-rule",
      agreement: "same",
      denying: [{ name: "no-all", rule: "spec.ingressDeny[0]" }],
      change: { action: "removed", name: "no-all" },
    });
    const gone = told().set(-3600, deny).remove(-600, "CiliumNetworkPolicy", "no-all");
    expect(explainBy(gone.catalog, flow)).toMatchObject({
      outcome: "denied-by-rule",
      agreement: "differs",
      denying: [{ name: "no-all", rule: "" }],
    });
  });
});

describe("a change beside the cause", () => {
  test("the newest that touches it within 15 minutes is told; the outcome stays", () => {
    const { catalog } = told()
      .set(-3600, dbIngress("checkout"))
      .set(-600, dbIngress("web"))
      .set(-60, dbIngress())
      .set(-30, dbIngress().replaceAll("db", "cart"));
    expect(explainBy(catalog, drop())).toMatchObject({
      outcome: "default-deny",
      change: { name: "db-ingress", action: "changed", time: near(seconds(-60)) },
    });
  });

  test("not one that is older, nor one that came after", () => {
    const { catalog } = told()
      .set(-901, dbIngress("checkout"))
      .set(-900, dbIngress())
      .set(5, dbIngress("web"));
    expect(explainBy(catalog, drop()).change).toBeNull();
    const later = told().set(-899, dbIngress());
    expect(explainBy(later.catalog, drop()).change).toMatchObject({ action: "added" });
  });

  test("a new pod counts where nothing else changed, and is a candidate where nothing is explained", () => {
    const { catalog } = told().set(-3600, dbIngress()).set(-20, podYaml("checkout"));
    expect(explainBy(catalog, drop()).change).toMatchObject({ what: "pod", action: "added" });
    const young = told().set(-3600, dbIngress("checkout")).set(-20, podYaml("checkout"));
    const explanation = explainBy(young.catalog, drop());
    expect(explanation.outcome).toBe("unexplained");
    expect(explanation.sentence).toContain("less than a minute old");
  });

  test("drops that are no policy's doing have none", () => {
    const { catalog } = told().set(-60, dbIngress());
    const flow = drop({ drop_reason_desc: "STALE_OR_UNROUTABLE_IP" });
    expect(explainBy(catalog, flow).change).toBeNull();
  });
});

test("a drop is judged by the policies of its own time, not by those of today", () => {
  const { catalog } = told().set(-3600, dbIngress()).set(3600, dbIngress("checkout"));
  expect(explainBy(catalog, drop())).toMatchObject({ outcome: "default-deny" });
  const later = drop({ time: new Date(AT + 7_200_000).toISOString() });
  expect(explainBy(catalog, later)).toMatchObject({ outcome: "unexplained" });
});
