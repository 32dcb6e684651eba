import type { Flow } from "@dropscope/model";
import { expect, test } from "vitest";
import type { DnsLimits } from "./limits.js";
import { flowMaker, testPod, testPolicies, world } from "./testing.js";
import { createDnsWatch, type DnsWatchOptions } from "./watch.js";

const CLOSED = testPolicies(`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: web}
spec: {podSelector: {}, policyTypes: [Egress]}`);
const OPEN = testPolicies("");

function watchWith(
  policies = CLOSED,
  limits: Partial<DnsLimits> = {},
  more: Partial<DnsWatchOptions> = {},
) {
  const clock = { time: 0, now: () => clock.time };
  return { clock, watch: createDnsWatch({ clock, policies, limits, ...more }) };
}
const minutes = (n: number): number => n * 60;

test("a finding changes as drops come, and keeps its id and its count over hours", () => {
  const flows = flowMaker();
  const { watch } = watchWith();
  for (const flow of flows.dropped(0)) watch.see(flow);
  expect(watch.drain()).toEqual({ changed: [], withdrawn: [] });
  for (const flow of flows.dropped(5)) watch.see(flow);
  const [first] = watch.drain().changed;
  expect(first).toMatchObject({ rule: "D1", count: 2 });
  expect(watch.drain().changed).toEqual([]);
  for (let at = 10; at < minutes(60); at += 5) {
    for (const flow of flows.dropped(at)) watch.see(flow);
    if (at % 60 === 0) watch.drain();
  }
  expect(watch.findings()).toMatchObject([
    {
      id: first?.id,
      count: minutes(60) / 5,
      firstSeen: first?.firstSeen,
      evidence: [...(first?.evidence ?? []), expect.any(String)],
    },
  ]);
  expect(watch.stats().slots).toBeLessThan(30);
});

test("a claim about a missing answer is withdrawn when the answer comes late", () => {
  const flows = flowMaker();
  const { watch } = watchWith(OPEN);
  for (const at of [0, 5, 10]) watch.see(flows.query(at));
  watch.see(flows.query(30, { port: 443 }));
  const [finding] = watch.drain().changed;
  expect(finding).toMatchObject({ rule: "D8", count: 3 });
  watch.see(flows.reply(0.01));
  expect(watch.drain()).toEqual({ changed: [], withdrawn: [finding?.id] });
});

test("a known explanation is taken as it is", () => {
  const flows = flowMaker();
  const { watch } = watchWith(OPEN);
  const drops = [...flows.dropped(0), ...flows.dropped(5)];
  for (const flow of drops)
    watch.see(flow, {
      uuid: flow.uuid!,
      time: flow.time!,
      direction: "egress",
      outcome: "default-deny",
      selecting: [{ kind: "NetworkPolicy", namespace: "web", name: "told" }],
      denying: [],
      nearest: null,
      agreement: "cilium-silent",
      sentence: "",
      next: "",
      reason: "POLICY_DENIED",
      audited: false,
      change: null,
      places: [],
    });
  expect(watch.findings()).toMatchObject([{ rule: "D1", policies: [{ name: "told" }] }]);
});

test("what comes too late changes nothing and is counted", () => {
  const flows = flowMaker();
  const { watch } = watchWith();
  for (const at of [minutes(60), minutes(60) + 5])
    for (const flow of flows.dropped(at)) watch.see(flow);
  const before = watch.findings();
  for (const flow of flows.dropped(0)) watch.see(flow);
  expect(watch.findings()).toEqual(before);
  expect(watch.stats().late).toBe(2);
});

test("pods of one workload on nodes whose clocks differ by minutes are all counted", () => {
  const flows = flowMaker();
  const { watch } = watchWith();
  const ahead = testPod("web/checkout", { node: "node-8", index: 1 });
  for (let at = 0; at < minutes(10); at += 5) {
    for (const flow of flows.dropped(at)) watch.see(flow);
    for (const flow of flows.dropped(at + minutes(5), { client: ahead })) watch.see(flow);
    watch.drain();
  }
  expect(watch.findings()).toMatchObject([{ rule: "D1", count: 240 }]);
  expect(watch.stats().late).toBe(0);
});

test("a node whose clock runs ahead makes nobody else late", () => {
  const flows = flowMaker();
  const { watch } = watchWith();
  const ahead = testPod("web/ahead", { node: "node-8" });
  for (const flow of flows.dropped(minutes(600), { client: ahead })) watch.see(flow);
  watch.findings();
  for (const at of [0, 5]) for (const flow of flows.dropped(at)) watch.see(flow);
  expect(watch.findings()).toMatchObject([{ rule: "D1", count: 2 }]);
  expect(watch.stats().late).toBe(0);
});

test("how far a failure reached stays told when the others go on and this client falls silent", () => {
  const flows = flowMaker();
  const blocked = { direction: "INGRESS", node: "node-2" } as const;
  const server = testPolicies(`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: dns, namespace: kube-system}
spec: {podSelector: {matchLabels: {k8s-app: kube-dns}}, policyTypes: [Ingress]}`);
  const { watch } = watchWith(server);
  const other = testPod("data/etl");
  for (const flow of flows.dropped(0, blocked)) watch.see(flow);
  for (let at = 1; at < minutes(15); at += 4) {
    for (const flow of flows.dropped(at, { ...blocked, client: other })) watch.see(flow);
    watch.drain();
  }
  expect(watch.findings()).toMatchObject([
    { client: { name: "etl" }, detail: "cluster" },
    { client: { name: "checkout" }, detail: "cluster", count: 1 },
  ]);
});

test("another watch goes on from the state and the flows since", () => {
  const flows = flowMaker();
  const drops: Flow[] = [];
  for (let at = 0; at < minutes(20); at += 7) drops.push(...flows.dropped(at));
  const whole = watchWith().watch;
  for (const flow of drops) whole.see(flow);
  for (const cut of [3, 100, 211, 300]) {
    const first = watchWith().watch;
    for (const flow of drops.slice(0, cut)) {
      first.see(flow);
      if (first.stats().recent % 10 === 0) first.drain();
    }
    const state = first.state();
    const from = state.replayFrom ?? Number.POSITIVE_INFINITY;
    const second = watchWith(CLOSED, {}, { state }).watch;
    for (const flow of drops.slice(0, cut)) if (Date.parse(flow.time!) >= from) second.see(flow);
    for (const flow of drops.slice(cut)) second.see(flow);
    expect(second.findings(), `cut at ${cut}`).toEqual(whole.findings());
  }
});

test("clients are bounded, and forgotten when they are silent", () => {
  const flows = flowMaker();
  const { watch, clock } = watchWith(CLOSED, { maxClients: 50 });
  for (let i = 0; i < 500; i++)
    for (const at of [0, 5])
      for (const flow of flows.dropped(at, { client: testPod(`web/w${i}x`) })) watch.see(flow);
  expect(watch.stats()).toMatchObject({ clients: 50, evicted: 450 });
  expect(watch.findings()).toHaveLength(50);
  clock.time += 6 * 60_000;
  watch.drain();
  expect(watch.findings()).toHaveLength(50);
  clock.time += 3_600_000;
  watch.drain();
  expect(watch.stats()).toMatchObject({ clients: 0, slots: 0, exchanges: 0 });
  // They are not wrong, only no longer watched.
  expect(watch.drain().withdrawn).toEqual([]);
});

test("any number of names and sockets of one client take bounded room, and the failing ones are still found", () => {
  const flows = flowMaker();
  const { watch } = watchWith(OPEN, { maxExchanges: 1_000 });
  const [query, reply] = [flows.request(0, "x"), flows.answer(0, "x", { ips: ["192.0.2.1"] })];
  for (let i = 0; i < 60_000; i++) {
    const time = new Date(Date.parse(query.time!) + i).toISOString();
    const port = 1024 + i;
    const name = `h${i}.example.com.`;
    const dns = (of: Flow, source: number, destination: number): Flow => ({
      ...of,
      time,
      uuid: `${of.uuid}-${i}`,
      l4: { UDP: { source_port: source, destination_port: destination } },
      l7: { type: of.l7!.type!, dns: { ...of.l7!.dns, query: name } },
    });
    watch.see(dns(query, port, 53));
    // Every third is never answered.
    if (i % 3 !== 0) watch.see(dns(reply, 53, port));
    if (i % 10_000 === 0) watch.drain();
  }
  const stats = watch.stats();
  expect(stats.exchanges).toBeLessThanOrEqual(1_000);
  expect(stats.share).toBeGreaterThan(1);
  expect(stats.names.sightings).toBeLessThanOrEqual(100_000);
  expect(stats.recent).toBeLessThanOrEqual(200_000);
  expect(stats.slots).toBeLessThan(30);
  expect(watch.findings()).toMatchObject([{ rule: "D8", detail: "pod" }]);
}, 60_000);

test("a client that tries hundreds of addresses on port 53 is one finding, not hundreds", () => {
  const flows = flowMaker();
  const { watch } = watchWith();
  for (let i = 0; i < 500; i++)
    for (const flow of flows.dropped(i / 20, { server: world(`198.51.100.${i % 250}`) }))
      watch.see(flow);
  expect(watch.findings().length).toBeLessThanOrEqual(40);
});

test("flows with nothing or nonsense in them do nothing", () => {
  const { watch } = watchWith();
  const hostile = [
    {},
    { time: "yesterday", verdict: "DROPPED" },
    { time: "2026-03-01T12:00:00Z", verdict: "DROPPED", l4: { UDP: {} } },
    { time: "2026-03-01T12:00:00Z", l4: { UDP: { destination_port: 53 } } },
    { time: "2026-03-01T12:00:00Z", l7: { dns: { query: 7, ips: "x", rcode: {} }, type: [] } },
    { time: "2026-03-01T12:00:00Z", l4: { UDP: { destination_port: 53 } }, source: null, IP: 9 },
    {
      time: "2026-03-01T12:00:00Z",
      verdict: 2,
      l4: null,
      l7: null,
      destination: { labels: [1, null] },
    },
  ] as unknown as Flow[];
  for (const flow of hostile) watch.see(flow);
  expect(watch.findings()).toEqual([]);
});
