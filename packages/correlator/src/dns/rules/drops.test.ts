import { expect, test } from "vitest";
import { dnsFindings } from "../batch.js";
import { coredns, flowMaker, host, testPod, testPolicies, world } from "../testing.js";

const egress = (rules: string, extra = ""): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: checkout-egress, namespace: web}
spec:
  podSelector: {matchLabels: {app: checkout}}
  policyTypes: [Egress]
  egress: ${rules}
${extra}`;
const CLOSED = egress("[]");
const DNS_PODS = (ports: string): string =>
  egress(`
  - to:
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
      podSelector: {matchLabels: {k8s-app: kube-dns}}
    ports: [${ports}]`);
const UDP_ONLY = DNS_PODS("{protocol: UDP, port: 53}");

const flows = flowMaker();
const rulesOf = (list: { rule: string }[]): string[] => list.map(({ rule }) => rule);

test("D1: lookups that die at the client's default deny are one finding with its policy and stall", () => {
  const [finding, ...others] = dnsFindings(
    [...flows.dropped(0), ...flows.dropped(5), ...flows.dropped(10, { socket: 40_001 })],
    testPolicies(CLOSED),
  );
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    rule: "D1",
    severity: "critical",
    client: { kind: "workload", namespace: "web", name: "checkout" },
    server: { kind: "workload", namespace: "kube-system", name: "coredns" },
    count: 3,
    policies: [{ kind: "NetworkPolicy", namespace: "web", name: "checkout-egress" }],
  });
  // 5 s between two attempts of one socket: glibc or Go.
  expect(finding?.stall).toMatchObject({ from: 20, to: 40 });
  expect(finding?.evidence).toHaveLength(5);
  expect(finding?.next).toContain("UDP 53 and TCP 53");
});

test("D1: without evidence of the resolver the stall is the whole range, with musl's waits it is 5 s", () => {
  const policies = testPolicies(CLOSED);
  const apart = [...flows.dropped(0), ...flows.dropped(7, { socket: 40_001 })];
  expect(dnsFindings(apart, policies)[0]?.stall).toMatchObject({ from: 5, to: 40 });
  const musl = [...flows.dropped(0), ...flows.dropped(2.5)];
  expect(dnsFindings(musl, policies)[0]?.stall).toMatchObject({ from: 5, to: 5 });
});

test("D1 is silent: one packet told by two events, two drops far apart, an open client, another reason", () => {
  expect(dnsFindings(flows.dropped(0), testPolicies(CLOSED))).toEqual([]);
  const apart = [...flows.dropped(0), ...flows.dropped(300)];
  expect(dnsFindings(apart, testPolicies(CLOSED))).toEqual([]);
  const two = [...flows.dropped(0), ...flows.dropped(5)];
  expect(dnsFindings(two, testPolicies(""))).toEqual([]);
  const reason = "CT_MAP_INSERTION_FAILED";
  const full = [...flows.dropped(0, { reason }), ...flows.dropped(5, { reason })];
  expect(dnsFindings(full, testPolicies(CLOSED))).toEqual([]);
});

test("a packet on the border of two slots is still one", () => {
  // Verdict and drop event lie in different slots of 10 s.
  expect(dnsFindings(flows.dropped(9.9995), testPolicies(CLOSED))).toEqual([]);
});

test("D1 also for a resolver that the application was given by address", () => {
  const server = world("8.8.8.8");
  const two = [...flows.dropped(0, { server }), ...flows.dropped(5, { server })];
  expect(dnsFindings(two, testPolicies(UDP_ONLY))).toMatchObject([
    { rule: "D1", server: { kind: "ip", name: "8.8.8.8" } },
  ]);
});

test("D2: a deny rule, named by the data path or found by us", () => {
  const deny = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: no-dns, namespace: web}
spec:
  endpointSelector: {matchLabels: {app: checkout}}
  egressDeny:
  - toPorts: [{ports: [{port: "53", protocol: ANY}]}]`;
  const reason = "POLICY_DENY";
  expect(dnsFindings(flows.dropped(0, { reason }), testPolicies(deny))).toMatchObject([
    { rule: "D2", count: 1, policies: [{ kind: "CiliumNetworkPolicy", name: "no-dns" }] },
  ]);
  const denied = { kind: "CiliumNetworkPolicy", namespace: "web", name: "gone" };
  const named = flows.dropped(0, { reason, with: { egress_denied_by: [denied] } });
  expect(dnsFindings(named, testPolicies(""))).toMatchObject([
    { rule: "D2", policies: [{ name: "gone" }] },
  ]);
  // Nobody says which rule it was: no policy is blamed.
  expect(dnsFindings(flows.dropped(0, { reason }), testPolicies(""))).toEqual([]);
});

const SERVER_SIDE = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: dns-ingress, namespace: kube-system}
spec:
  podSelector: {matchLabels: {k8s-app: kube-dns}}
  policyTypes: [Ingress]
  ingress: [{from: [{namespaceSelector: {matchLabels: {team: none}}}]}]`;

test("D3: the resolver's own policy; clients of two namespaces make it the whole cluster's", () => {
  const blocked = { direction: "INGRESS", node: "node-2" } as const;
  const one = dnsFindings(flows.dropped(0, blocked), testPolicies(SERVER_SIDE));
  expect(one).toMatchObject([{ rule: "D3", detail: "", policies: [{ name: "dns-ingress" }] }]);
  const both = dnsFindings(
    [
      ...flows.dropped(0, blocked),
      ...flows.dropped(9, { ...blocked, client: testPod("data/etl") }),
    ],
    testPolicies(SERVER_SIDE),
  );
  expect(both).toMatchObject([
    { rule: "D3", detail: "cluster", client: { name: "etl" } },
    { rule: "D3", detail: "cluster", client: { name: "checkout" } },
  ]);
  // The same client at both times: its own matter, as far as is known.
  const twice = [...flows.dropped(0, blocked), ...flows.dropped(9, blocked)];
  expect(dnsFindings(twice, testPolicies(SERVER_SIDE))[0]?.detail).toBe("");
});

test("D3: NodeLocal DNSCache asks as the node; other pods of kube-system are no resolvers", () => {
  const blocked = { direction: "INGRESS", node: "node-2", protocol: "TCP" } as const;
  const node = { ip: "192.168.1.5", identity: 6, labels: ["reserved:remote-node"] };
  expect(
    dnsFindings(flows.dropped(0, { ...blocked, client: node }), testPolicies(SERVER_SIDE)),
  ).toMatchObject([{ rule: "D3", client: { kind: "entity", name: "remote-node" } }]);
  const other = testPod("kube-system/metrics", { labels: ["k8s:app=metrics"] });
  expect(
    dnsFindings(
      flows.dropped(0, { ...blocked, server: other, port: 443 }),
      testPolicies(SERVER_SIDE),
    ),
  ).toEqual([]);
});

test("D4: UDP passes, TCP is dropped", () => {
  const tcp = flows.dropped(10, { protocol: "TCP", socket: 50_000 });
  const passed = [flows.query(8), flows.reply(8.002)];
  expect(dnsFindings([...passed, ...tcp], testPolicies(UDP_ONLY))).toMatchObject([
    { rule: "D4", stall: null, policies: [{ name: "checkout-egress" }] },
  ]);
});

test("D4 is silent when UDP was not seen to pass, or is dropped as well: then it is D1", () => {
  const tcp = [1, 5].flatMap((at) => flows.dropped(at, { protocol: "TCP", socket: 50_000 }));
  expect(rulesOf(dnsFindings(tcp, testPolicies(UDP_ONLY)))).toEqual(["D1"]);
  const both = [...tcp, ...flows.dropped(2), ...flows.dropped(7)];
  expect(rulesOf(dnsFindings(both, testPolicies(CLOSED)))).toEqual(["D1"]);
  const long = [flows.query(-200), ...tcp];
  expect(rulesOf(dnsFindings(long, testPolicies(UDP_ONLY)))).toEqual(["D1"]);
});

const openshift = testPod("openshift-dns/dns-default", {
  labels: ["k8s:dns.operator.openshift.io/daemonset-dns=default"],
});

test("D5: the policy allows the Service's port, the pods listen on another", () => {
  const policy = egress(`
  - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: openshift-dns}}}]
    ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]`);
  const drop = flows.dropped(0, { server: openshift, port: 5353 });
  expect(dnsFindings(drop, testPolicies(policy))).toMatchObject([{ rule: "D5" }]);
  // Neither port allowed: that is the default deny.
  const two = [...drop, ...flows.dropped(5, { server: openshift, port: 5353 })];
  expect(rulesOf(dnsFindings(two, testPolicies(CLOSED)))).toEqual(["D1"]);
});

test("D5: a Service that sends 53 elsewhere; metrics of the same pods are not DNS", () => {
  const service = `---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec:
  selector: {k8s-app: kube-dns}
  ports: [{name: dns, protocol: UDP, port: 53, targetPort: 1053}]`;
  const policies = testPolicies(`${UDP_ONLY}\n${service}`);
  expect(rulesOf(dnsFindings(flows.dropped(0, { port: 1053 }), policies))).toEqual(["D5"]);
  const scrape = { port: 9153, protocol: "TCP" } as const;
  expect(dnsFindings([...flows.dropped(0, scrape), ...flows.dropped(9, scrape)], policies)).toEqual(
    [],
  );
});

test("D6: the pods of kube-dns are allowed, the cache on the node is asked", () => {
  const server = host("169.254.20.10");
  const allowed = testPolicies(DNS_PODS("{protocol: UDP, port: 53}, {protocol: TCP, port: 53}"));
  expect(dnsFindings(flows.dropped(0, { server }), allowed)).toMatchObject([
    { rule: "D6", server: { kind: "ip", name: "169.254.20.10" } },
  ]);
  const older = world("169.254.25.10");
  expect(rulesOf(dnsFindings(flows.dropped(0, { server: older }), allowed))).toEqual(["D6"]);
  // No rule for DNS at all: the cache has nothing to do with it.
  const two = [...flows.dropped(0, { server }), ...flows.dropped(5, { server })];
  expect(rulesOf(dnsFindings(two, testPolicies(CLOSED)))).toEqual(["D1"]);
});

test("replies, multicast, upstream queries of the resolver and other ports are nobody's lookups", () => {
  const closed = testPolicies(`${CLOSED}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: all, namespace: kube-system}
spec: {podSelector: {}, policyTypes: [Egress, Ingress]}`);
  const upstream = { client: coredns, server: world("9.9.9.9") };
  const mdns = { server: world("224.0.0.251"), port: 5353 };
  const reply = { client: coredns, server: testPod("web/checkout"), port: 40_000, socket: 53 };
  const none = [upstream, mdns, reply, { port: 443 }, { server: world("1.1.1.1"), port: 853 }];
  for (const how of none) {
    const drops = [...flows.dropped(0, how), ...flows.dropped(5, how)];
    expect(dnsFindings(drops, closed), JSON.stringify(how)).toEqual([]);
  }
});

test("other drops of the client that follow are told beside it, those before are not", () => {
  const later = flows.dropped(20, { server: world("203.0.113.9"), port: 443, protocol: "TCP" });
  const before = flows.dropped(-5, { server: world("203.0.113.9"), port: 443, protocol: "TCP" });
  const [finding] = dnsFindings(
    [...before, ...flows.dropped(0), ...flows.dropped(5), ...later],
    testPolicies(CLOSED),
  );
  expect(finding?.failedAfter).toEqual(later.map(({ uuid }) => uuid));
});
