import type { Flow } from "@dropscope/model";
import { expect, test } from "vitest";
import { dnsFindings } from "../batch.js";
import { coredns, flowMaker, testPod, testPolicies, type TestPod } from "../testing.js";

const flows = flowMaker();
const OPEN = testPolicies("");
const changed = (flow: Flow, fields: Flow): Flow => Object.assign({}, flow, fields);
/** The node goes on reporting. */
const alive = (at: number, node = "node-1"): Flow =>
  flows.query(at, { client: testPod("x/other", { node }), port: 443, protocol: "TCP" });
const silent = (client?: TestPod, times = [0, 5, 10]): Flow[] =>
  times.map((at) => flows.query(at, client ? { client } : {}));
const answered = (client: TestPod, times = [0, 5, 10]): Flow[] =>
  times.flatMap((at, i) => [
    flows.query(at, { client, socket: 41_000 + i }),
    flows.reply(at + 0.002, { client, socket: 41_000 + i }),
  ]);

test("D8: three queries without an answer, of one pod", () => {
  expect(dnsFindings([...silent(), alive(16)], OPEN)).toMatchObject([
    { rule: "D8", detail: "pod", count: 3, stall: { from: 20, to: 40 } },
  ]);
});

test("D8 with the proxy's log: requests without a response, name by name", () => {
  const logged = ["a", "b", "c"].flatMap((name, i) => [
    flows.request(i, `${name}.example.com`, { socket: 42_000 + i }),
    flows.request(i, "good.example.com", { socket: 43_000 + i }),
    flows.answer(i + 0.01, "good.example.com", { socket: 43_000 + i }),
  ]);
  expect(dnsFindings([...logged, alive(20)], OPEN)).toMatchObject([{ rule: "D8", count: 3 }]);
});

test("D8 is silent: two queries, late answers seen in time, and nothing known after", () => {
  expect(dnsFindings([...silent(undefined, [0, 5]), alive(16)], OPEN)).toEqual([]);
  const slow = silent().map((_, i) => flows.reply(i * 5 + 4.9));
  expect(dnsFindings([...silent(), ...slow, alive(16)], OPEN)).toEqual([]);
  // The node's flows end with the last query: nobody knows whether it was answered.
  expect(dnsFindings(silent(), OPEN)).toEqual([]);
  // Only another node went on.
  expect(dnsFindings([...silent(), alive(100, "node-7")], OPEN)).toEqual([]);
  expect(dnsFindings([...silent(undefined, [0, 100, 200]), alive(300)], OPEN)).toEqual([]);
});

test("D8 is silent while events were lost, on that node or everywhere", () => {
  const list = [...silent(), alive(16)];
  const gap = { time: "2026-03-01T12:00:12Z", cause: "perf-ring", count: 5 } as const;
  expect(dnsFindings(list, OPEN, { gaps: [{ ...gap, node: "node-1" }] })).toEqual([]);
  expect(dnsFindings(list, OPEN, { gaps: [{ ...gap, node: "" }] })).toEqual([]);
  expect(dnsFindings(list, OPEN, { gaps: [{ ...gap, node: "node-2" }] })).toHaveLength(1);
});

test("D8 is silent for queries of which only the verdict was told: their replies would not be either", () => {
  const verdicts = silent().map((flow) => changed(flow, { event_type: { type: 5 } }));
  expect(dnsFindings([...verdicts, alive(16)], OPEN)).toEqual([]);
});

test("D8 is silent when a drop on the way explains it: at the server, or of the answer", () => {
  const atServer = flows.dropped(0.001, {
    direction: "INGRESS",
    node: "node-2",
    reason: "CT_MAP_INSERTION_FAILED",
  });
  expect(
    dnsFindings(
      [
        ...silent(),
        ...atServer,
        ...silent().flatMap((_, i) =>
          flows.dropped(i * 5 + 0.001, { direction: "INGRESS", node: "node-2" }),
        ),
        alive(16),
      ],
      OPEN,
    ),
  ).toEqual([]);
  const back = [0, 5, 10].map((at) => flows.reply(at + 0.002, { with: { verdict: "DROPPED" } }));
  expect(dnsFindings([...silent(), ...back, alive(16)], OPEN)).toEqual([]);
});

test("D8 tells how far it reaches: one pod, one node, the cluster", () => {
  const pod = (workload: string, node: string) => testPod(workload, { node });
  const [a, b, c] = [pod("web/a", "node-1"), pod("web/b", "node-1"), pod("web/c", "node-2")];
  const end = [alive(16, "node-1"), alive(16, "node-2")];
  const details = (list: Flow[]) =>
    dnsFindings([...list, ...end], OPEN).map(({ client, detail }) => `${client.name} ${detail}`);
  expect(details([...silent(a), ...answered(b), ...answered(c)])).toEqual(["a pod"]);
  expect(details([...silent(a), ...silent(b), ...answered(c)])).toEqual(["a node", "b node"]);
  expect(details([...silent(a), ...silent(b), ...silent(c)])).toEqual([
    "a cluster",
    "b cluster",
    "c cluster",
  ]);
  // Two of many, on two nodes, are two pods.
  const many = ["d", "e", "f"].flatMap((name) => answered(pod(`web/${name}`, "node-2")));
  expect(details([...silent(a), ...silent(c), ...answered(b), ...many])).toEqual([
    "a pod",
    "c pod",
  ]);
});

/** A lookup whose first attempt is lost, and whose second is answered. */
const raced = (at: number, socket: number, wait = 5): Flow[] => [
  flows.query(at, { socket }),
  flows.query(at + wait, { socket }),
  flows.reply(at + wait + 0.003, { socket }),
];

test("D13: lookups of just 5 s that succeed, without a drop", () => {
  const list = [...raced(0, 1001), ...raced(20, 1002), ...raced(40, 1003)];
  expect(dnsFindings([...list, alive(60)], OPEN)).toMatchObject([
    { rule: "D13", count: 3, stall: { from: 2.5, to: 5 } },
  ]);
  const musl = [...raced(0, 1001, 2.5), ...raced(20, 1002, 2.5), ...raced(40, 1003, 2.5)];
  expect(dnsFindings([...musl, alive(60)], OPEN)[0]?.sentence).toContain("2.5 s");
});

test("D13: Go takes a new socket for each attempt", () => {
  const list = [0, 20, 40].flatMap((at) => [
    flows.query(at, { socket: 2000 + at }),
    flows.query(at + 5.02, { socket: 2001 + at }),
    flows.reply(at + 5.03, { socket: 2001 + at }),
  ]);
  expect(dnsFindings([...list, alive(60)], OPEN)).toMatchObject([{ rule: "D13", count: 3 }]);
});

test("D13 is silent: other waits, two lookups, a poll every 5 s, drops", () => {
  const odd = [...raced(0, 1001, 4.7), ...raced(20, 1002, 4.7), ...raced(40, 1003, 4.7)];
  expect(dnsFindings([...odd, alive(60)], OPEN)).toEqual([]);
  const two = [...raced(0, 1001), ...raced(20, 1002), alive(60)];
  expect(dnsFindings(two, OPEN).filter(({ rule }) => rule === "D13")).toEqual([]);
  const times = Array.from({ length: 12 }, (_, i) => i * 5);
  const poll = times.flatMap((at) => [flows.query(at), flows.reply(at + 0.01)]);
  expect(dnsFindings([...poll, alive(60)], OPEN)).toEqual([]);
  const fresh = times.flatMap((at) => [
    flows.query(at, { socket: 3000 + at }),
    flows.reply(at + 0.01, { socket: 3000 + at }),
  ]);
  expect(dnsFindings([...fresh, alive(60)], OPEN)).toEqual([]);
  const reason = "CT_MAP_INSERTION_FAILED";
  const dropped = [0, 20, 40].flatMap((at, i) =>
    raced(at, 1001 + i).concat(flows.dropped(at, { reason, socket: 1001 + i })),
  );
  expect(dnsFindings([...dropped, alive(60)], OPEN)).toEqual([]);
});

test("the server itself is no client, and the proxy's own query is the node's", () => {
  const own = silent(coredns).map((flow) => changed(flow, { destination: { identity: 2 } }));
  expect(dnsFindings([...own, alive(16)], OPEN)).toEqual([]);
});
