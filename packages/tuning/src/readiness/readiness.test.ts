import { parseManifests } from "@dropscope/policy";
import { expect, test } from "vitest";
import { clusterWith, everyHour, type TestFlow, trafficOf } from "../rules/testing.js";
import { defaultDenyYaml } from "./default-deny.js";
import { readinessOf } from "./readiness.js";

type Seen = TestFlow & { readonly hours?: readonly number[] };

const WEEK = everyHour(168);
/** Traffic that never stops elsewhere: that nothing of the shop is seen is then known. */
const ELSEWHERE: Seen = { from: "ops/probe", to: "ops/api", hours: WEEK };
const LOOKUP: Seen = { from: "shop/web", to: "kube-system/kube-dns", port: 53, protocol: "UDP" };

const policy = (name: string, spec: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: shop }
spec: ${spec}
`;
const DB = policy(
  "db",
  "{ podSelector: { matchLabels: { app: db } }, policyTypes: [Ingress, Egress], ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }], ports: [{ port: 5432 }] }], egress: [{ ports: [{ port: 53, protocol: UDP }, { port: 53 }] }] }",
);
const WEB = policy(
  "web",
  "{ podSelector: { matchLabels: { app: web } }, policyTypes: [Ingress, Egress], egress: [{ to: [{ podSelector: { matchLabels: { app: db } } }], ports: [{ port: 5432 }] }, { ports: [{ port: 53, protocol: UDP }, { port: 53 }] }] }",
);
/** Allow everything that is seen, without isolating web for ingress. */
const WEB_EGRESS = WEB.replace("[Ingress, Egress]", "[Egress]");

function shop(policies: readonly string[], flows: readonly Seen[]) {
  const traffic = trafficOf([ELSEWHERE, ...flows]);
  const { namespaces } = readinessOf(traffic, clusterWith(policies.join("---\n"), traffic), {
    namespace: "shop",
  });
  expect(namespaces).toHaveLength(1);
  return namespaces[0]!;
}

const SQL: Seen = { from: "shop/web", to: "shop/db", port: 5432, hours: WEEK };
const NAMES: Seen = { ...LOOKUP, hours: WEEK };

test("without a policy everything would break", () => {
  const found = shop([], [SQL, NAMES]);
  expect(found).toMatchObject({
    stage: "no-policy",
    workloads: 2,
    isolated: { ingress: 0, egress: 0 },
    dns: "not-isolated",
    wouldBreak: { edges: 2, flows: 336 },
    cleanDays: 0,
  });
  expect(found.says).toBe(
    "No policy selects any of its 2 workloads; a default deny would cut 2 connections.",
  );
  expect(found.plan.map(({ done }) => done)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(found.plan[1]?.command).toBe(
    "dropscope policy suggest --namespace shop --since 7d > shop.yaml",
  );
});

test("policies for some of the workloads are a part of the way", () => {
  const found = shop([DB], [SQL, NAMES]);
  expect(found).toMatchObject({ stage: "partial", isolated: { ingress: 1, egress: 1 } });
  expect(found.says).toContain("shop/web to shop/db on TCP 5432");
});

test("a policy that leaves out what its pods do would break it", () => {
  const cache: Seen = { from: "shop/web", to: "shop/cache", port: 6379, hours: [1] };
  const found = shop([DB, WEB], [SQL, NAMES, cache]);
  expect(found.stage).toBe("would-break");
  // Once at web, which may not leave, and at the cache, which no policy selects yet: one connection.
  expect(found.wouldBreak).toEqual({ edges: 1, flows: 1 });
  expect(found.cleanDays).toBe(6);
});

test("a week of clean days with lookups allowed is ready", () => {
  expect(shop([DB, WEB_EGRESS], [SQL, NAMES])).toMatchObject({
    stage: "ready",
    dns: "allowed",
    wouldBreak: { edges: 0, flows: 0 },
    cleanDays: 7,
    isolated: { ingress: 1, egress: 2 },
  });
});

test("isolated on all sides with nothing denied lately is done", () => {
  const found = shop([DB, WEB], [SQL, NAMES]);
  expect(found.stage).toBe("enforced");
  expect(found.plan.at(-2)).toMatchObject({ done: true });
});

test("isolated on all sides, and yet something passes that is not allowed", () => {
  const today: Seen = { from: "shop/web", to: "shop/db", port: 9187, hours: [160] };
  expect(shop([DB, WEB], [SQL, NAMES, today]).stage).toBe("would-break");
  const long: Seen = { ...today, hours: [10] };
  expect(shop([DB, WEB], [SQL, NAMES, long]).stage).toBe("enforced");
});

test("what only audit mode let pass would break", () => {
  const audited: Seen = {
    from: "ops/probe",
    to: "shop/db",
    port: 22,
    verdict: "AUDIT",
    hours: [9],
  };
  expect(shop([DB, WEB_EGRESS], [SQL, NAMES, audited])).toMatchObject({
    stage: "would-break",
    wouldBreak: { edges: 1 },
  });
});

test("what is dropped already breaks nothing", () => {
  const dropped: Seen = { ...SQL, port: 22, verdict: "DROPPED" };
  expect(shop([DB, WEB_EGRESS], [SQL, NAMES, dropped]).wouldBreak.edges).toBe(0);
});

test("policies without lookups of names are watched, not ready", () => {
  const open = WEB_EGRESS.replace(", { ports: [{ port: 53, protocol: UDP }, { port: 53 }] }", "");
  const elsewhere: Seen = { ...NAMES, from: "ops/probe" };
  const found = shop([DB, open], [SQL, elsewhere]);
  expect(found).toMatchObject({ stage: "watching", dns: "missing", wouldBreak: { edges: 0 } });
  expect(found.says).toContain("names could not be looked up");
});

test("who connects nowhere needs no names", () => {
  const quiet = DB.replace(
    ", egress: [{ ports: [{ port: 53, protocol: UDP }, { port: 53 }] }]",
    "",
  );
  expect(quiet).not.toBe(DB);
  expect(shop([quiet, WEB_EGRESS], [SQL, NAMES])).toMatchObject({ stage: "ready", dns: "allowed" });
});

test("that nothing is known of a workload that was not seen is said", () => {
  const pod = `apiVersion: v1
kind: Pod
metadata: { name: idle-0, namespace: shop, labels: { app: idle } }
spec: { containers: [{ name: a, image: a }] }
`;
  const { workloads, plan } = shop([DB, WEB_EGRESS, pod], [SQL, NAMES]);
  expect(workloads).toBe(3);
  expect(plan[1]?.says).toContain("of 1 workload nothing was seen");
});

test("what could not be judged is not clean", () => {
  const fqdn = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: names, namespace: shop }
spec:
  endpointSelector: { matchLabels: { app: web } }
  egress: [{ toFQDNs: [{ matchName: api.example.com }] }]
`;
  const out: Seen = { from: "shop/web", to: "203.0.113.9", port: 443, hours: [100] };
  const found = shop([DB, WEB_EGRESS, fqdn], [SQL, NAMES, out]);
  expect(found).toMatchObject({ stage: "watching", cleanDays: 2, wouldBreak: { edges: 0 } });
  expect(found.evidence.unknown).toMatchObject([{ edges: 1, flows: 1 }]);
  // With the name that the rule names it is judged.
  const named = shop([DB, WEB_EGRESS, fqdn], [SQL, NAMES, { ...out, names: ["api.example.com"] }]);
  expect(named).toMatchObject({ stage: "ready", cleanDays: 7 });
  // An answer of DNS that was seen tells it too.
  const traffic = {
    ...trafficOf([ELSEWHERE, SQL, NAMES, out]),
    answers: [{ address: "203.0.113.9", names: ["api.example.com."] }],
  };
  const cluster = clusterWith([DB, WEB_EGRESS, fqdn].join("---\n"), traffic);
  expect(readinessOf(traffic, cluster, { namespace: "shop" }).namespaces[0]?.stage).toBe("ready");
});

test("a few days are not enough", () => {
  const days = everyHour(168).filter((hour) => hour >= 96);
  const traffic = trafficOf([
    { ...SQL, hours: days },
    { ...NAMES, hours: days },
  ]);
  const cluster = clusterWith([DB, WEB_EGRESS].join("---\n"), traffic);
  const [found] = readinessOf(traffic, cluster, { namespace: "shop" }).namespaces;
  expect(found).toMatchObject({ stage: "watching", cleanDays: 3 });
  expect(readinessOf(traffic, cluster, { namespace: "shop", days: 3 }).namespaces[0]?.stage).toBe(
    "ready",
  );
});

test("of namespaces whose traffic is not given whole nothing is told", () => {
  const traffic = trafficOf([ELSEWHERE, SQL]);
  const cluster = clusterWith([DB, WEB].join("---\n"), traffic);
  const names = (visible?: readonly string[]) =>
    readinessOf(traffic, cluster, visible === undefined ? {} : { visible }).namespaces.map(
      ({ namespace }) => namespace,
    );
  expect(names()).toEqual(["ops", "shop"]);
  expect(names(["shop"])).toEqual(["shop"]);
});

test("of many namespaces each has the newest gaps alone, of one all of them", () => {
  const gaps = Array.from({ length: 30 }, (_, minute) => ({
    time: `2026-03-02T00:${String(minute).padStart(2, "0")}:00Z`,
    node: "node-1",
    cause: "perf-ring" as const,
    count: 1,
  }));
  const traffic = { ...trafficOf([ELSEWHERE, SQL]), gaps };
  const cluster = clusterWith(DB, traffic);
  const [many] = readinessOf(traffic, cluster).namespaces;
  expect(many?.evidence.gaps).toHaveLength(20);
  expect(many?.evidence.gaps[0]?.time).toBe("2026-03-02T00:29:00Z");
  const [one] = readinessOf(traffic, cluster, { namespace: "shop" }).namespaces;
  expect(one?.evidence.gaps).toHaveLength(30);
});

test("nobody is told to close a namespace of the cluster itself", () => {
  const traffic = trafficOf([NAMES]);
  const { namespaces } = readinessOf(traffic, clusterWith("", traffic));
  const plans = namespaces.map(({ namespace, plan }) => [
    namespace,
    plan.some(({ command }) => command.includes("--default-deny")),
  ]);
  expect(plans).toEqual([
    ["kube-system", false],
    ["shop", true],
  ]);
});

test("a name that is none of a namespace goes into no command line", () => {
  const bad = "shop; rm -rf ~";
  const traffic = trafficOf([{ from: `${bad}/web`, to: `${bad}/db` }]);
  const { namespaces } = readinessOf(traffic, clusterWith("", traffic));
  expect(namespaces.map(({ namespace }) => namespace)).toContain(bad);
  expect(
    namespaces.flatMap(({ plan }) => plan).filter(({ command }) => command.includes("rm")),
  ).toEqual([]);
});

test("the default deny that is written is a policy that isolates both ways and allows nothing", () => {
  const { policies, problems } = parseManifests(defaultDenyYaml("shop"), "x");
  expect(problems).toEqual([]);
  expect(policies).toMatchObject([
    { namespace: "shop", isolates: { ingress: true, egress: true }, rules: [] },
  ]);
});
