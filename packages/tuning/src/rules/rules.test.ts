import { expect, test } from "vitest";
import { clusterWith, everyHour, START, trafficOf } from "./testing.js";
import { useOfRules } from "./rules.js";

const DB_INGRESS = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: db
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: web
      ports:
        - port: 5432
    - from:
        - podSelector:
            matchLabels:
              app: reports
      ports:
        - port: 5432
`;

function use(yaml: string, flows: Parameters<typeof trafficOf>[0], hours = 168) {
  const traffic = trafficOf(flows, hours);
  return useOfRules(traffic, clusterWith(yaml, traffic));
}

test("a rule has the flows that it let through, and the hours in which", () => {
  const { rules, evidence } = use(DB_INGRESS, [
    { from: "shop/web", to: "shop/db", port: 5432, hours: [0, 1, 1, 167] },
    { from: "shop/web", to: "shop/cache", port: 6379, hours: [3] },
  ]);
  const [web, reports] = rules;
  expect(web).toMatchObject({
    policy: { kind: "NetworkPolicy", namespace: "shop", name: "db" },
    path: "spec.ingress[0]",
    line: 12,
    direction: "ingress",
    action: "allow",
    says: "Pods with app=web in namespace shop may reach pods with app=db in namespace shop on TCP 5432.",
    flows: 4,
    edges: 1,
    firstSeen: START,
    lastSeen: START + 167 * 3_600_000,
    attributed: { hubble: 0, evaluated: 4 },
    findings: [],
  });
  expect(web?.trend).toHaveLength(168);
  expect([web?.trend[0], web?.trend[1], web?.trend[2], web?.trend[167]]).toEqual([1, 2, 0, 1]);
  expect(reports).toMatchObject({ flows: 0, edges: 0, firstSeen: null, lastSeen: null });
  expect(evidence.hoursSeen).toBe(4);
});

test("a rule that nothing used is told with how much was observed", () => {
  const { rules } = use(DB_INGRESS, [
    { from: "shop/web", to: "shop/db", port: 5432, hours: [0, 5] },
  ]);
  expect(rules.map(({ findings }) => findings.map(({ kind }) => kind))).toEqual([
    [],
    ["never-used"],
  ]);
  expect(rules[1]?.findings[0]?.says).toBe(
    "Nothing used it in the 2 hours observed of 168; 1 other connection of pods with app=db in namespace shop was seen.",
  );
});

test("a rule for lookups of names is not called unused", () => {
  const yaml = DB_INGRESS.replace("[Ingress]", "[Ingress, Egress]").concat(
    "  egress:\n    - ports: [{ port: 53, protocol: UDP }]\n    - ports: [{ port: 443 }]\n",
  );
  const { rules } = use(yaml, [{ from: "shop/web", to: "shop/db", port: 5432 }]);
  const egress = rules.filter(({ direction }) => direction === "egress");
  expect(egress.map(({ findings }) => findings.map(({ kind }) => kind))).toEqual([
    [],
    ["never-used"],
  ]);
});

test("where nothing was observed, nothing is called unused", () => {
  expect(use(DB_INGRESS, []).rules.flatMap(({ findings }) => findings)).toEqual([]);
});

test("of a policy that was changed lately only the time since then counts", () => {
  const traffic = trafficOf([{ from: "shop/web", to: "shop/db", port: 5432, hours: [0, 5, 9] }]);
  const at = (hour: number) => {
    const since = new Map([["NetworkPolicy/shop/db", START + hour * 3_600_000]]);
    const answer = useOfRules(traffic, { ...clusterWith(DB_INGRESS, traffic), since });
    return answer.rules[1]?.findings[0]?.says;
  };
  expect(at(3)).toContain(
    "in the 2 hours observed since its policy became what it is (2026-03-02 03:00 UTC)",
  );
  // Since then nothing was observed at all.
  expect(at(12)).toBeUndefined();
  expect(at(-5)).toContain("in the 3 hours observed of 168");
});

test("what Hubble named counts for the policy that it named, the rest for what decides by evaluation", () => {
  const other = DB_INGRESS.replace("name: db\n", "name: db-too\n");
  const named = { kind: "NetworkPolicy", namespace: "shop", name: "db-too" };
  const { rules } = use(`${DB_INGRESS}---\n${other}`, [
    {
      from: "shop/web",
      to: "shop/db",
      port: 5432,
      hours: [0, 1, 2],
      direction: "INGRESS",
      allowedBy: { ingress: [named] },
    },
    { from: "shop/web", to: "shop/db", port: 5432, hours: [3], direction: "INGRESS" },
  ]);
  const byName = new Map(rules.map((rule) => [`${rule.policy.name} ${rule.path}`, rule]));
  expect(byName.get("db spec.ingress[0]")?.attributed).toEqual({ hubble: 0, evaluated: 1 });
  expect(byName.get("db-too spec.ingress[0]")?.attributed).toEqual({ hubble: 3, evaluated: 1 });
});

test("a rule is never unused when it would have matched, whatever Hubble named", () => {
  const other = DB_INGRESS.replace("name: db\n", "name: db-too\n");
  const { rules } = use(`${DB_INGRESS}---\n${other}`, [
    {
      from: "shop/web",
      to: "shop/db",
      port: 5432,
      direction: "INGRESS",
      allowedBy: { ingress: [{ kind: "NetworkPolicy", namespace: "shop", name: "db-too" }] },
    },
  ]);
  const first = rules.find(({ policy, path }) => policy.name === "db" && path.endsWith("[0]"));
  expect(first).toMatchObject({ flows: 0 });
  expect(first?.findings.map(({ kind }) => kind)).not.toContain("never-used");
});

test("deny rules count what they dropped, not what passed", () => {
  const yaml = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: no-admin, namespace: shop }
spec:
  endpointSelector: { matchLabels: { app: db } }
  ingress:
    - fromEntities: [all]
  ingressDeny:
    - fromEndpoints: [{ matchLabels: { app: admin } }]
`;
  const { rules } = use(yaml, [
    { from: "shop/admin", to: "shop/db", port: 5432, verdict: "DROPPED", hours: [1, 2] },
    { from: "shop/web", to: "shop/db", port: 5432, hours: [1] },
  ]);
  expect(rules.map(({ path, action, flows }) => [path, action, flows])).toEqual([
    ["spec.ingress[0]", "allow", 1],
    ["spec.ingressDeny[0]", "deny", 2],
  ]);
});

test("an allow-all rule is told with what it really carried, and the narrower one carries that and no more", () => {
  const yaml = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: open, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - {}
`;
  const { rules } = use(yaml, [
    { from: "shop/web", to: "shop/db", port: 5432, hours: everyHour(48) },
    { from: "jobs/backup", to: "shop/db", port: 5432, hours: [2, 26] },
  ]);
  expect(rules[0]?.findings).toEqual([
    {
      kind: "over-broad",
      says: "It allows traffic from anybody on every port, and carried 2 connections in the 48 hours observed of 168: from jobs/backup and shop/web on TCP 5432.",
      yaml: `- from:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: jobs
      podSelector:
        matchLabels:
          app: backup
    - podSelector:
        matchLabels:
          app: web
  ports:
    - protocol: TCP
      port: 5432
`,
    },
  ]);
});

test("the half of a rule that is narrow stays as it is written", () => {
  const yaml = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  endpointSelector: { matchLabels: { app: web } }
  egress:
    - toEndpoints:
        - matchLabels: { app: db }
`;
  const { rules } = use(yaml, [{ from: "shop/web", to: "shop/db", port: 5432, hours: [1] }]);
  expect(rules[0]?.findings.map(({ kind, yaml: text }) => [kind, text])).toEqual([
    [
      "over-broad",
      `- toEndpoints:
    - matchLabels:
        app: db
  toPorts:
    - ports:
        - port: "5432"
          protocol: TCP
`,
    ],
  ]);
});

test("no narrower rule is offered where the kind has no word for an end", () => {
  const yaml = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: open, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - ports: [{ port: 5432 }]
`;
  const { rules } = use(yaml, [{ from: "remote-node", to: "shop/db", port: 5432, hours: [1] }]);
  expect(rules[0]?.findings).toMatchObject([{ kind: "over-broad", yaml: "" }]);
});

test("lints of rules stand at the rules: a rule within another, a selector of nobody, an allow behind a deny", () => {
  const yaml = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: db, namespace: shop }
spec:
  endpointSelector: { matchLabels: { app: db } }
  ingress:
    - fromEndpoints: [{ matchLabels: { app: web } }]
    - fromEndpoints: [{ matchLabels: { app: web, tier: front } }]
    - fromEndpoints: [{ matchLabels: { app: admin } }]
  ingressDeny:
    - fromEndpoints: [{ matchLabels: { app: admin } }]
---
apiVersion: v1
kind: Pod
metadata: { name: db-0, namespace: shop, labels: { app: db } }
spec: { containers: [{ name: a, image: a }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web-0, namespace: shop, labels: { app: web, tier: front } }
spec: { containers: [{ name: a, image: a }] }
---
apiVersion: v1
kind: Pod
metadata: { name: admin-0, namespace: shop, labels: { app: admin } }
spec: { containers: [{ name: a, image: a }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: gone, namespace: shop }
spec:
  podSelector: { matchLabels: { app: retired } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: db } } }] }]
`;
  const { rules } = use(yaml, [{ from: "shop/web", to: "shop/db", hours: [1] }]);
  const found = Object.fromEntries(
    rules.map(({ policy, path, findings }) => [
      `${policy.name} ${path}`,
      findings
        .map(({ kind }) => kind)
        .filter((kind) => kind !== "never-used" && kind !== "over-broad"),
    ]),
  );
  expect(found).toEqual({
    "db spec.ingress[0]": [],
    "db spec.ingress[1]": ["duplicate"],
    "db spec.ingress[2]": ["shadowed"],
    "db spec.ingressDeny[0]": [],
    "gone spec.ingress[0]": ["stale-selector"],
  });
});

test("connections that cannot be judged are counted, and stand behind what is called unused", () => {
  const flows = [
    { from: "shop/web", to: "shop/db", port: 5432, hours: [1] },
    { from: "shop/web", to: "shop/db", port: 5432, hours: [2] },
  ];
  const traffic = trafficOf(flows);
  const [edge] = traffic.edges;
  const blind = { ...edge!, flow: { ...edge!.flow, destination: {}, IP: { source: "10.0.0.1" } } };
  const both = { ...traffic, edges: [edge!, blind] };
  const { evidence, rules } = useOfRules(both, clusterWith(DB_INGRESS, traffic));
  expect(evidence.unknown).toMatchObject([{ edges: 1, flows: 2 }]);
  expect(rules[1]?.findings[0]?.says).toContain("with 2 flows that could not be judged");
});

test("a rule by DNS name is used by the address that an answer gave, and not unused where nobody knows", () => {
  const yaml = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: names, namespace: shop }
spec:
  endpointSelector: { matchLabels: { app: web } }
  egress: [{ toFQDNs: [{ matchName: api.example.com }] }]
`;
  const traffic = trafficOf([{ from: "shop/web", to: "203.0.113.9", port: 443 }]);
  const cluster = clusterWith(yaml, traffic);
  expect(useOfRules(traffic, cluster).rules).toMatchObject([{ flows: 0, findings: [] }]);
  const answers = [{ address: "203.0.113.9", names: ["api.example.com."] }];
  expect(useOfRules({ ...traffic, answers }, cluster).rules).toMatchObject([{ flows: 1 }]);
});

test("a clusterwide policy is not called unused by somebody who sees part of the traffic", () => {
  const yaml = `apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: { name: scrapes }
spec:
  endpointSelector: {}
  ingress: [{ fromEndpoints: [{ matchLabels: { app: prometheus } }] }]
`;
  const traffic = trafficOf([{ from: "shop/web", to: "shop/db", port: 5432 }]);
  const cluster = clusterWith(`${DB_INGRESS}---\n${yaml}`, traffic);
  const names = (visible?: readonly string[]) =>
    useOfRules(traffic, cluster, visible === undefined ? {} : { visible }).rules.map(
      ({ policy, findings }) => `${policy.name} ${findings.map(({ kind }) => kind).join()}`,
    );
  expect(names()).toContain("scrapes never-used");
  expect(names(["shop"])).toEqual(["db ", "db never-used"]);
});

test("rules with findings come first where not all are told", () => {
  const traffic = trafficOf([{ from: "shop/web", to: "shop/db", port: 5432 }]);
  const answer = useOfRules(traffic, clusterWith(DB_INGRESS, traffic), { most: 1 });
  expect(answer.rules.map(({ path }) => path)).toEqual(["spec.ingress[1]"]);
  expect(answer.more).toBe(1);
});
