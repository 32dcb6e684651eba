import { describe, expect, test } from "vitest";
import { PROFILES } from "@dropscope/policy";
import { dbIngress, drop, explainBy, pod, world } from "./testing.js";

const DENY = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: no-checkout, namespace: web, uid: u-1 }
spec:
  endpointSelector: { matchLabels: { app: db } }
  enableDefaultDeny: { ingress: false }
  ingressDeny:
    - fromEndpoints: [{ matchLabels: { app: web } }]
    - fromEndpoints: [{ matchLabels: { app: checkout } }]
`;
const NAMED = {
  name: "no-checkout",
  namespace: "web",
  kind: "CiliumNetworkPolicy",
  labels: ["k8s:io.cilium.k8s.policy.uid=u-1"],
};
const denied = (by = [NAMED]) =>
  drop({ drop_reason_desc: "POLICY_DENY", ...(by.length > 0 ? { ingress_denied_by: by } : {}) });

describe("default deny", () => {
  test("names the policies that isolate, and the clause of the nearest rule that failed", () => {
    const other = dbIngress().replaceAll("db", "cart");
    expect(explainBy(`${dbIngress()}---${other}`, drop())).toEqual({
      uuid: "00000000-0000-4000-8000-000000000001",
      time: "2026-03-01T12:00:00.000000000Z",
      direction: "ingress",
      outcome: "default-deny",
      selecting: [{ kind: "NetworkPolicy", namespace: "web", name: "db-ingress" }],
      denying: [],
      nearest: {
        policy: "web/db-ingress",
        rule: "spec.ingress[0]",
        failed: [{ part: "peer", wanted: "app=api", got: "app=checkout" }],
      },
      agreement: "cilium-silent",
      sentence: expect.stringMatching(
        /^web\/checkout to web\/db on TCP 5432 was dropped: NetworkPolicy web\/db-ingress .*spec\.ingress\[0\].*p\.yaml:8.*app=api.*app=checkout.*\.$/,
      ) as string,
      next: "If it is wanted, let spec.ingress[0] of NetworkPolicy web/db-ingress allow TCP 5432 from web/checkout too.",
      reason: "POLICY_DENIED",
      audited: false,
      change: null,
      places: [
        {
          policy: { kind: "NetworkPolicy", namespace: "web", name: "db-ingress" },
          path: "spec.podSelector",
          source: "p.yaml:6",
          role: "isolates",
        },
        {
          policy: { kind: "NetworkPolicy", namespace: "web", name: "db-ingress" },
          path: "spec.ingress[0].from[0].podSelector.matchLabels.app",
          source: "p.yaml:8",
          role: "nearest",
        },
      ],
    });
  });

  test("the direction says whose policies are judged", () => {
    const egress = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: checkout-egress, namespace: web }
spec: { podSelector: { matchLabels: { app: checkout } }, policyTypes: [Egress] }
`;
    const both = `${dbIngress()}---${egress}`;
    const names = (direction: string) =>
      explainBy(both, drop({ traffic_direction: direction })).selecting.map(({ name }) => name);
    expect(names("EGRESS")).toEqual(["checkout-egress"]);
    expect(names("INGRESS")).toEqual(["db-ingress"]);
    expect(explainBy(both, drop({ traffic_direction: "EGRESS" }))).toMatchObject({
      nearest: null,
      next: "If it is wanted, add to NetworkPolicy web/checkout-egress a rule of egress that allows TCP 5432 to web/db.",
    });
  });

  test.each([
    ["a wrong port", dbIngress("checkout", 80), ["port", "TCP 80", "TCP 5432"]],
    [
      "a CIDR's exception",
      dbIngress().replace(
        /from: .*/,
        "from: [{ ipBlock: { cidr: 10.0.0.0/8, except: [10.0.1.0/24] } }]",
      ),
      ["cidr-except", "10.0.0.0/8 except 10.0.1.0/24", "10.0.1.5"],
    ],
  ])("%s", (_, yaml, [part, wanted, got]) => {
    const flow = drop({ source: world() });
    const { outcome, nearest } = explainBy(
      yaml,
      part === "port" ? drop() : flow,
      PROFILES.kubernetes,
    );
    expect(outcome).toBe("default-deny");
    expect(nearest?.failed).toMatchObject([{ part, wanted }]);
    expect(nearest?.failed[0]?.got).toContain(got);
  });

  test("names of DNS and entities are clauses of their own", () => {
    const yaml = (to: string) => `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: out, namespace: web }
spec:
  endpointSelector: { matchLabels: { app: checkout } }
  egress: [{ ${to} }]
`;
    const out = drop({
      traffic_direction: "EGRESS",
      destination: world(),
      destination_names: ["api.example.com"],
      IP: { source: "10.0.1.5", destination: "203.0.113.7" },
    });
    expect(explainBy(yaml("toFQDNs: [{ matchName: db.example.com }]"), out).nearest).toEqual({
      policy: "web/out",
      rule: "spec.egress[0]",
      failed: [
        {
          part: "fqdn",
          wanted: "DNS name db.example.com",
          got: "203.0.113.7 (api.example.com)",
        },
      ],
    });
    expect(explainBy(yaml("toEntities: [cluster]"), out).nearest?.failed[0]?.part).toBe("entity");
    // Negative control: the right name allows it, so that no policy is blamed.
    const right = explainBy(yaml("toFQDNs: [{ matchName: api.example.com }]"), out);
    expect(right).toMatchObject({ outcome: "unexplained", selecting: [] });
    expect(right.sentence).toContain("its identity carries none");
  });

  test("where Cilium names policies for a default deny too, they are checked", () => {
    const named = (name: string) =>
      explainBy(dbIngress(), drop({ ingress_denied_by: [{ name, namespace: "web" }] }));
    expect(named("db-ingress").agreement).toBe("same");
    expect(named("other")).toMatchObject({ agreement: "differs", outcome: "default-deny" });
  });

  test("a deny rule of ours does not hide what the data path saw: that nothing allowed it", () => {
    const both = explainBy(`${dbIngress()}---${DENY}`, drop());
    expect(both).toMatchObject({ outcome: "default-deny", denying: [] });
    expect(both.sentence).toMatch(/; spec\.ingressDeny\[1\] of .* denies it as well\.$/);
    // Without a policy that isolates, the deny rule is all there is.
    expect(explainBy(DENY, drop())).toMatchObject({
      outcome: "denied-by-rule",
      denying: [{ name: "no-checkout", rule: "spec.ingressDeny[1]" }],
    });
  });
});

describe("deny rules", () => {
  test("the data path names the policy, we find the rule", () => {
    expect(explainBy(`${dbIngress("checkout")}---${DENY}`, denied())).toMatchObject({
      outcome: "denied-by-rule",
      selecting: [{ name: "no-checkout" }, { name: "db-ingress" }],
      denying: [
        {
          kind: "CiliumNetworkPolicy",
          namespace: "web",
          name: "no-checkout",
          rule: "spec.ingressDeny[1]",
        },
      ],
      nearest: null,
      agreement: "same",
      next: "If it is wanted, narrow or remove spec.ingressDeny[1] of CiliumNetworkPolicy web/no-checkout: a deny rule beats every allow.",
      places: [{ role: "denies", path: "spec.ingressDeny[1]" }, { role: "isolates" }],
    });
  });

  test("without a name it is ours, and Cilium is silent", () => {
    expect(explainBy(DENY, denied([]))).toMatchObject({
      outcome: "denied-by-rule",
      agreement: "cilium-silent",
      denying: [{ rule: "spec.ingressDeny[1]" }],
    });
  });

  test.each([
    [
      "a policy that is not known",
      [{ ...NAMED, name: "other" }],
      /hold no such policy|by the known/,
    ],
    [
      "a policy made anew under the same name",
      [{ ...NAMED, labels: ["k8s:io.cilium.k8s.policy.uid=u-2"] }],
      /by the known policies it is/,
    ],
  ])("%s: the data path's word stands, and the difference is shown", (_, by, sentence) => {
    const explanation = explainBy(DENY, denied(by));
    expect(explanation).toMatchObject({
      outcome: "denied-by-rule",
      agreement: "differs",
      denying: [{ name: by[0]!.name, rule: "" }],
    });
    expect(explanation.sentence).toMatch(sentence);
  });

  test("kind and name may stand in the labels only; rules that nobody wrote are no names", () => {
    const labels = [
      "k8s:io.cilium.k8s.policy.derived-from=CiliumNetworkPolicy",
      "k8s:io.cilium.k8s.policy.name=no-checkout",
      "k8s:io.cilium.k8s.policy.namespace=web",
    ];
    const flow = drop({ drop_reason_desc: "POLICY_DENY", ingress_denied_by: [{ labels }] });
    expect(explainBy(DENY, flow)).toMatchObject({ agreement: "same" });
    const derived = [{ labels: ["reserved:io.cilium.policy.derived-from=deny-any-ingress"] }];
    expect(
      explainBy(DENY, drop({ drop_reason_desc: "POLICY_DENY", ingress_denied_by: derived })),
    ).toMatchObject({ agreement: "cilium-silent" });
  });

  test("neither a name nor a rule of ours: unexplained", () => {
    expect(explainBy(dbIngress(), denied([]))).toMatchObject({
      outcome: "unexplained",
      denying: [],
      selecting: [],
    });
  });
});

test("authentication: the rule that asks for it", () => {
  const yaml = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: mtls, namespace: web }
spec:
  endpointSelector: { matchLabels: { app: db } }
  ingress:
    - fromEndpoints: [{ matchLabels: { app: checkout } }]
      authentication: { mode: required }
`;
  const flow = drop({ drop_reason_desc: "AUTH_REQUIRED" });
  expect(explainBy(yaml, flow)).toMatchObject({
    outcome: "auth-required",
    selecting: [{ name: "mtls" }],
    agreement: "cilium-silent",
    places: [{ role: "allows", path: "spec.ingress[0]" }],
  });
  const blind = explainBy(dbIngress("checkout"), flow);
  expect(blind.sentence).toContain("which policy asks for it is not among those known");
});

test.each([
  [
    { drop_reason_desc: "STALE_OR_UNROUTABLE_IP" },
    "STALE_OR_UNROUTABLE_IP",
    /Stale or unroutable IP/,
  ],
  [{ drop_reason_desc: 250 }, "250", /Unknown reason 250/],
  [{ drop_reason_desc: "FROM_THE_FUTURE" }, "FROM_THE_FUTURE", /newer than this product/],
  [{ drop_reason: 155 }, "CT_MAP_INSERTION_FAILED", /connection tracking table/],
])("no policy's doing: %j", (patch, reason, sentence) => {
  const { drop_reason_desc: _, ...rest } = drop();
  const explanation = explainBy(dbIngress(), { ...rest, ...patch });
  expect(explanation).toMatchObject({ outcome: "not-policy", reason, selecting: [], places: [] });
  expect(explanation.sentence).toMatch(sentence);
  expect(explanation.next).not.toBe("");
});

describe("audit mode", () => {
  const { drop_reason_desc: _, ...rest } = drop({ verdict: "AUDIT" });

  test("is judged as if it had been dropped, and says that it passed", () => {
    const explanation = explainBy(dbIngress(), rest);
    expect(explanation).toMatchObject({ outcome: "default-deny", audited: true, reason: "" });
    expect(explanation.sentence).toContain("passed in audit mode and would have been dropped: ");
    expect(explainBy(DENY, rest)).toMatchObject({ outcome: "denied-by-rule", audited: true });
  });

  test("a policy that is named is believed, even if it is not known", () => {
    expect(explainBy(dbIngress("checkout"), { ...rest, ingress_denied_by: [NAMED] })).toMatchObject(
      {
        outcome: "denied-by-rule",
        agreement: "differs",
      },
    );
    expect(explainBy(dbIngress("checkout"), rest)).toMatchObject({ outcome: "unexplained" });
  });
});

test("enforcement of every endpoint denies without any policy", () => {
  const profile = { ...PROFILES.cilium, enforcement: "always" as const };
  expect(explainBy("", drop(), profile)).toMatchObject({ outcome: "default-deny", selecting: [] });
});

test("a policy of the host is judged at the host, since a policy drop there says that its firewall is on", () => {
  const yaml = `
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: { name: hosts }
spec:
  nodeSelector: { matchLabels: { role: worker } }
  ingress: [{ fromEntities: [remote-node] }]
---
apiVersion: v1
kind: Node
metadata: { name: node-1, labels: { role: worker } }
status: { addresses: [{ type: InternalIP, address: 192.168.0.1 }] }
`;
  const flow = drop({ destination: { identity: 1, labels: ["reserved:host"] } });
  expect(explainBy(yaml, flow)).toMatchObject({
    outcome: "default-deny",
    selecting: [{ kind: "CiliumClusterwideNetworkPolicy", namespace: "", name: "hosts" }],
    nearest: { policy: "hosts", failed: [{ part: "entity" }] },
  });
  expect(explainBy(yaml, drop({ destination: pod("web", "db") })).outcome).toBe("unexplained");
});
