import { expect, test } from "vitest";
import type { Pod } from "../cluster/types.js";
import { workloadOf } from "../cluster/world.js";
import { bareWorld } from "../testing-world.js";
import { createJudge, type Judge } from "./judge.js";
import { checkoutEgress, fraud } from "./shop-policies.js";
import type { CiliumNetworkPolicy, ShopPolicy } from "./types.js";

const { world, scene } = bareWorld();

function pod(path: string): Pod {
  const [first] = workloadOf(world, path).pods;
  if (first === undefined) throw new Error(`no pod of ${path}`);
  return first;
}

function judgeOf(...policies: ShopPolicy[]): Judge {
  const inForce = policies.map((policy) => ({ policy, uid: "u", revision: 7 }));
  return createJudge(
    () => inForce,
    (name) => world.namespaces.get(name)?.labels ?? {},
  );
}

test("without a policy nothing is judged", () => {
  expect(judgeOf().judge("egress", pod("web/cart"), pod("web/redis"), "TCP", 6379)).toEqual({
    decision: "unpoliced",
    policies: [],
    matchType: 0,
  });
});

test("a policy isolates only the direction it names", () => {
  const judge = judgeOf(checkoutEgress(true));
  const checkout = pod("web/checkout");
  expect(judge.judge("ingress", checkout, pod("web/frontend"), "TCP", 8080).decision).toBe(
    "unpoliced",
  );
  expect(judge.judge("egress", checkout, pod("web/redis"), "TCP", 6379)).toEqual({
    decision: "default-deny",
    policies: [],
    matchType: 0,
  });
});

test("DNS must be allowed like everything else", () => {
  const coredns = pod("kube-system/coredns");
  const ask = (judge: Judge) =>
    judge.judge("egress", pod("web/checkout"), coredns, "UDP", 53).decision;
  expect(ask(judgeOf(checkoutEgress(true)))).toBe("allow");
  expect(ask(judgeOf(checkoutEgress(false)))).toBe("default-deny");
});

test("two selectors in one item mean AND, in two items OR", () => {
  const from = (judge: Judge, path: string, port = 8080) =>
    judge.judge("ingress", pod("payments/fraud"), pod(path), "TCP", port).decision;
  const and = judgeOf(fraud(true));
  const or = judgeOf(fraud(false));
  expect(from(and, "web/checkout")).toBe("allow");
  expect(from(or, "web/checkout")).toBe("allow");
  expect(from(and, "web/storefront-preview")).toBe("default-deny");
  expect(from(or, "web/storefront-preview")).toBe("allow");
  expect(from(or, "web/storefront-preview", 9102)).toBe("default-deny");
  expect(from(or, "payments/payments-api")).toBe("allow");
});

test("a matching deny rule beats every allow and is named", () => {
  const judgement = scene.judge.judge(
    "ingress",
    pod("payments/postgres"),
    pod("web/catalog"),
    "TCP",
    5432,
  );
  expect(judgement.decision).toBe("deny-rule");
  expect(judgement.policies.map(({ name }) => name)).toEqual(["deny-web-to-postgres"]);
  expect(judgement.policies[0]?.revision).toMatch(/^\d+$/);
});

test("a deny rule alone isolates, unless the default deny is switched off", () => {
  const deny: CiliumNetworkPolicy = {
    apiVersion: "cilium.io/v2",
    kind: "CiliumNetworkPolicy",
    metadata: { name: "deny", namespace: "web" },
    spec: { endpointSelector: {}, egressDeny: [{ toCIDR: ["169.254.169.254/32"] }] },
  };
  const soft: CiliumNetworkPolicy = {
    ...deny,
    spec: { ...deny.spec, enableDefaultDeny: { egress: false } },
  };
  const to = (policy: ShopPolicy) =>
    judgeOf(policy).judge("egress", pod("web/cart"), pod("web/redis"), "TCP", 6379);
  expect(to(deny).decision).toBe("default-deny");
  expect(to(soft)).toEqual({
    decision: "allow",
    matchType: 4,
    policies: [
      { labels: ["reserved:io.cilium.policy.derived-from=allow-any-egress"], revision: "1" },
    ],
  });
});

test("names, layer 7 and namespaces of Cilium selectors", () => {
  const api = pod("payments/payments-api");
  const [paywell] = world.outside.named.get("api.paywell.example") ?? [];
  const [mirror] = world.outside.named.get("mirror.debpkgs.example") ?? [];
  if (paywell === undefined || mirror === undefined) throw new Error("no outside");
  const judge = scene.judge;
  expect(judge.judge("egress", api, paywell, "TCP", 443).decision).toBe("allow");
  expect(judge.judge("egress", api, mirror, "TCP", 443).decision).toBe("default-deny");
  expect(judge.judge("egress", api, pod("kube-system/coredns"), "UDP", 53)).toMatchObject({
    decision: "redirect",
    matchType: 2,
  });
  // `app: fraud` without a namespace label means the policy's own namespace.
  expect(judge.judge("egress", api, pod("payments/fraud"), "TCP", 8080).decision).toBe("allow");
  expect(judge.judge("egress", api, pod("web/cart"), "TCP", 8080).decision).toBe("default-deny");
});
