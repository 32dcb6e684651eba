import { expect, test } from "vitest";
import { dnsFindings } from "../batch.js";
import { createNameHistory } from "../names/history.js";
import { flowMaker, testPod, testPolicies, world } from "../testing.js";

const cilium = (dns: string, more = ""): string => `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: checkout-egress, namespace: web}
spec:
  endpointSelector: {matchLabels: {app: checkout}}
  egress:
  - toEndpoints:
    - matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system, k8s-app: kube-dns}
    toPorts:
    - ports: [{port: "53", protocol: ANY}]
      ${dns === "" ? "" : `rules: {dns: ${dns}}`}
${more}`;
const NAMES = cilium("[{matchName: api.example.com}]");
const TO_NAME = `
  - toFQDNs: [{matchName: api.example.com}]
    toPorts: [{ports: [{port: "443", protocol: TCP}]}]`;

const flows = flowMaker();

test("D7: a name that no DNS rule has, once for all its queries", () => {
  const refused = [0, 1, 2].flatMap((at) => [
    flows.request(at, "db.example.net", { refused: true, socket: 40_000 + at }),
    flows.answer(at + 0.001, "db.example.net", { rcode: 5, socket: 40_000 + at }),
  ]);
  expect(dnsFindings(refused, testPolicies(NAMES))).toMatchObject([
    {
      rule: "D7",
      query: "db.example.net",
      detail: "",
      count: 3,
      stall: { from: 0, to: 5 },
      policies: [{ name: "checkout-egress" }],
    },
  ]);
});

test("D7: the search list of an allowed name is refused", () => {
  const suffixes = ["web.svc.cluster.local", "svc.cluster.local", "cluster.local"];
  const refused = suffixes.map((suffix, i) =>
    flows.answer(i, `api.example.com.${suffix}`, { rcode: 5, socket: 40_000 + i }),
  );
  expect(dnsFindings(refused, testPolicies(NAMES))).toMatchObject([
    { rule: "D7", query: "api.example.com", detail: "search-expansion", count: 3 },
  ]);
});

test("D7 is silent when the rule has the name, and when only the server can have refused", () => {
  const upstream = flows.answer(0, "api.example.com", { rcode: 5 });
  expect(dnsFindings([upstream], testPolicies(NAMES))).toEqual([]);
  expect(dnsFindings([flows.answer(0, "db.example.net", { rcode: 5 })], testPolicies(""))).toEqual(
    [],
  );
  expect(
    dnsFindings([flows.answer(0, "db.example.net", { rcode: 3 })], testPolicies(NAMES)),
  ).toEqual([]);
});

test("D7 folds names without number into their zone", () => {
  const many = Array.from({ length: 200 }, (_, i) =>
    flows.answer(i / 100, `h${i}.tracker.example`, { rcode: 5, socket: 20_000 + i }),
  );
  const found = dnsFindings(many, testPolicies(NAMES));
  expect(found.length).toBeLessThanOrEqual(33);
  expect(found.some(({ query }) => query === "*.tracker.example")).toBe(true);
  expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(200);
});

test("D9: SERVFAIL for more than 5 % of the answers", () => {
  const answers = (bad: number, all: number) =>
    Array.from({ length: all }, (_, i) =>
      flows.answer(i / 10, "api.example.com", { rcode: i < bad ? 2 : 0, socket: 30_000 + i }),
    );
  expect(dnsFindings(answers(4, 40), testPolicies(""))).toMatchObject([{ rule: "D9", count: 4 }]);
  // Exactly 5 %, and two of few.
  expect(dnsFindings(answers(5, 100), testPolicies(""))).toEqual([]);
  expect(dnsFindings(answers(2, 4), testPolicies(""))).toEqual([]);
});

test("D10: most answers deny a name that only the search list made", () => {
  const lookups = (nx: number, ok: number, suffix: string) =>
    Array.from({ length: nx + ok }, (_, i) =>
      flows.answer(i / 10, i < nx ? `api.example.com${suffix}` : "api.example.com", {
        rcode: i < nx ? 3 : 0,
        socket: 30_000 + i,
      }),
    );
  const found = dnsFindings(lookups(30, 10, ".svc.cluster.local"), testPolicies(""));
  expect(found).toMatchObject([{ rule: "D10", severity: "info", count: 30, stall: null }]);
  // 60 % exactly, names that nobody completed, too few to tell.
  expect(dnsFindings(lookups(24, 16, ".svc.cluster.local"), testPolicies(""))).toEqual([]);
  expect(dnsFindings(lookups(30, 10, ".invalid"), testPolicies(""))).toEqual([]);
  expect(dnsFindings(lookups(9, 3, ".svc.cluster.local"), testPolicies(""))).toEqual([]);
});

const TARGET = world("203.0.113.7");
const drop = (at: number, how = {}) =>
  flows.dropped(at, { server: TARGET, protocol: "TCP", port: 443, socket: 50_000, ...how });
const answer = (at: number, how = {}) =>
  flows.answer(at, "api.example.com", { ips: ["203.0.113.7"], ttl: 30, ...how });
const proxied = testPolicies(cilium('[{matchPattern: "*"}]', TO_NAME));
const elsewhere = testPod("web/checkout", { node: "node-9", index: 1 });

test("D11: the address is allowed under a name that the node did not know for it", () => {
  const found = (list: Parameters<typeof dnsFindings>[0]) =>
    dnsFindings(list, proxied).map(({ rule, detail, query }) => [rule, detail, query]);
  const name = "api.example.com";
  expect(found([answer(0, { client: elsewhere }), ...drop(5)])).toEqual([
    ["D11", "no-proxy-rule", name],
  ]);
  expect(found([answer(0), ...drop(40)])).toEqual([["D11", "ttl-expired", name]]);
  expect(found([answer(0), ...drop(0.2)])).toEqual([["D11", "propagation-race", name]]);
  // Within the time to live, long after: why is not known, and not invented.
  expect(found([answer(0), ...drop(10)])).toEqual([["D11", "", name]]);
});

test("D11: more addresses than the agent keeps", () => {
  const many = Array.from({ length: 1010 }, (_, i) => `198.51.${100 + (i >> 8)}.${i & 255}`);
  const answers = many.map((ip, i) => answer(i / 100, { ips: [ip], ttl: 3600 }));
  expect(dnsFindings([...answers, answer(11, { ttl: 3600 }), ...drop(20)], proxied)).toMatchObject([
    { rule: "D11", detail: "eviction", server: { kind: "ip", name: "203.0.113.7" } },
  ]);
});

test("D11 takes the agent's own name for the address, and claims no cause then", () => {
  const server = world("203.0.113.7", "api.example.com");
  expect(dnsFindings(drop(5, { server }), proxied)).toMatchObject([{ rule: "D11", detail: "" }]);
});

test("D11 is silent: another port, another name, an answer that came after, a client without names", () => {
  expect(dnsFindings([answer(0), ...drop(5, { port: 80 })], proxied)).toEqual([]);
  const other = flows.answer(0, "db.example.net", { ips: ["203.0.113.7"] });
  expect(dnsFindings([other, ...drop(5)], proxied)).toEqual([]);
  expect(dnsFindings([...drop(0), answer(5)], proxied)).toEqual([]);
  expect(dnsFindings([answer(0), ...drop(5)], testPolicies(NAMES))).toEqual([]);
});

test("D11 remembers answers of the last day only, from before these flows too", () => {
  const names = createNameHistory();
  names.observe(answer(-3600, { client: elsewhere }));
  expect(dnsFindings(drop(0), proxied, { names })).toMatchObject([{ rule: "D11" }]);
  const old = createNameHistory();
  old.observe(answer(-90_000, { client: elsewhere }));
  expect(dnsFindings(drop(0), proxied, { names: old })).toEqual([]);
});

test("D11: without the node's flows of that time the absence of an answer proves nothing", () => {
  const gap = {
    time: "2026-03-01T12:00:03Z",
    node: "node-1",
    cause: "perf-ring",
    count: 9,
  } as const;
  const list = [answer(0, { client: elsewhere }), ...drop(5)];
  expect(dnsFindings(list, proxied, { gaps: [gap] })).toMatchObject([{ rule: "D11", detail: "" }]);
});

test("D12: toFQDNs of a client whose queries go past the proxy", () => {
  const bare = testPolicies(cilium("", TO_NAME));
  const queries = [0, 30].flatMap((at) => [flows.query(at), flows.reply(at + 0.001)]);
  expect(dnsFindings(queries, bare)).toMatchObject([
    { rule: "D12", count: 2, policies: [{ name: "checkout-egress" }] },
  ]);
});

test("D12 is silent with a DNS rule, without names, and for a query that the proxy took", () => {
  expect(dnsFindings([flows.query(0), flows.reply(0.1)], proxied)).toEqual([]);
  expect(dnsFindings([flows.query(0), flows.reply(0.1)], testPolicies(cilium("")))).toEqual([]);
  const taken = { with: { verdict: "REDIRECTED", event_type: { type: 5 } } };
  expect(dnsFindings([flows.query(0, taken)], testPolicies(cilium("", TO_NAME)))).toEqual([]);
});

test("D12 beside D1: names alone open no way to the resolver", () => {
  const only = testPolicies(`
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: names-only, namespace: web}
spec:
  endpointSelector: {matchLabels: {app: checkout}}
  egress:${TO_NAME}`);
  const found = dnsFindings([...flows.dropped(0), ...flows.dropped(5)], only);
  expect(found.map(({ rule }) => rule)).toEqual(["D1", "D12"]);
});
