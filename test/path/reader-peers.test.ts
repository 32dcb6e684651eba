import {
  type Edge,
  type Endpoint,
  EVERYTHING,
  type Flow,
  LOCAL_VIEWER,
  parseFilterLine,
  peerOf,
} from "@dropscope/model";
import { createReader, newBatchId, type FlowReader } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RowWriter } from "../kit/flow-rows.js";

const seed = Number(process.env["SEED"] ?? 20260401);
const START = Date.parse("2026-04-01T12:00:00Z");
const range = {
  since: BigInt(START) * 1_000_000n,
  until: BigInt(START + 120_000) * 1_000_000n - 1n,
};

const safe = fc.constantFrom(..."bcdfghjklmnpqrstvwxz2456789".split(""));
/** Letters of which some are safe, some are not, and some end what a name may be. */
const near = fc.constantFrom(..."bcdx2459013aeiou-.A_é\n'\\".split(""));
const part = fc.oneof(
  fc.string({ unit: safe, minLength: 4, maxLength: 11 }),
  fc.string({ unit: near, maxLength: 8 }),
  fc.stringMatching(/^[0-9]{1,11}$/),
  fc.constantFrom("coredns", "kube-proxy", "web", ""),
);
/** As controllers make them, or nearly so. */
const generated = fc
  .tuple(
    fc.constantFrom("coredns", "kube-proxy", "a.b", "web-0"),
    fc.option(fc.string({ unit: safe, minLength: 5, maxLength: 11 })),
    fc.string({
      unit: fc.oneof({ weight: 20, arbitrary: safe }, near),
      minLength: 4,
      maxLength: 6,
    }),
  )
  .map((parts) => parts.filter((text) => text !== null).join("-"));
const podName = fc.oneof(
  { weight: 3, arbitrary: generated },
  {
    weight: 2,
    arbitrary: fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("-")),
  },
  { weight: 1, arbitrary: fc.constant("") },
);
const end: fc.Arbitrary<Endpoint> = fc.record(
  {
    namespace: fc.constantFrom("web", "kube-system"),
    pod_name: podName,
    identity: fc.constantFrom(1, 2, 11, 300),
    workloads: fc.constantFrom([], [], [{ name: "owner", kind: "Deployment" }]),
  },
  { requiredKeys: ["pod_name"] },
);

const flows: Flow[] = fc
  .sample(fc.tuple(end, end, fc.boolean()), { seed, numRuns: 1000 })
  .map(([source, destination, named], n) => ({
    time: new Date(START + n * 100).toISOString(),
    uuid: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
    verdict: "DROPPED",
    drop_reason_desc: "POLICY_DENIED",
    event_type: { type: 1, sub_type: 133 },
    node_name: "n1",
    traffic_direction: "EGRESS",
    IP: { source: "10.0.0.1", destination: "10.0.0.2", ipVersion: "IPv4" },
    l4: { TCP: { source_port: 40_000, destination_port: n + 1 } },
    source,
    destination,
    source_names: named ? ["a.example"] : [],
    destination_names: named ? ["b.example"] : [],
  }));

let store: TestStore;
let reader: FlowReader;

beforeAll(async () => {
  store = await startTestStore();
  reader = createReader(store.client);
  const writer = new RowWriter(newBatchId(Date.now()));
  for (const flow of flows) writer.add(flow);
  await writer.insert(store.client);
});
afterAll(() => store.close());

function expectPeers(edges: readonly Edge[]): void {
  const found = new Map(edges.map((edge) => [edge.port, edge]));
  expect(found.size).toBe(flows.length);
  for (const [n, flow] of flows.entries()) {
    const { source, destination } = found.get(n + 1) as Edge;
    expect({ source, destination }, JSON.stringify(flow)).toEqual({
      source: peerOf(flow, "source"),
      destination: peerOf(flow, "destination"),
    });
  }
}

describe(`the ends of an edge, SEED=${seed}`, () => {
  it("are named in the flows as the model names them", async () => {
    const selection = parseFilterLine("--verdict DROPPED");
    const query = { viewer: LOCAL_VIEWER, selection, ...range, limit: 1000 };
    expectPeers(await reader.edges(query));
  });

  it("are named in the rollup as the model names them", async () => {
    const query = { viewer: LOCAL_VIEWER, selection: EVERYTHING, ...range, limit: 1000 };
    expectPeers(await reader.edges(query));
    const [rolled] = await store.client.query<{ flows: string }>(
      "SELECT sum(count) AS flows FROM edges_1m",
    );
    expect(rolled?.flows).toBe(String(flows.length));
  });

  it("are all kinds that names can tell", () => {
    const kinds = flows.map((flow) => peerOf(flow, "source"));
    for (const kind of ["workload", "pod", "name", "entity", "ip"] as const)
      expect(kinds.filter((peer) => peer.kind === kind).length, kind).toBeGreaterThan(10);
    const derived = flows.filter(
      (flow) =>
        (flow.source?.workloads ?? []).length === 0 && peerOf(flow, "source").kind === "workload",
    );
    expect(derived.length).toBeGreaterThan(100);
  });
});

it("one workload is one edge, whichever node told of it", async () => {
  const writer = new RowWriter(newBatchId(Date.now()));
  const at = START + 600_000;
  const to = [
    { namespace: "kube-system", pod_name: "coredns-f9k5nvw4pg-cn26g" },
    { namespace: "kube-system", pod_name: "coredns-f9k5nvw4pg-zz2qp" },
    {
      namespace: "kube-system",
      pod_name: "coredns-f9k5nvw4pg-cn26g",
      workloads: [{ name: "coredns", kind: "Deployment" }],
    },
  ];
  for (const [n, destination] of to.entries())
    writer.add({
      ...flows[0],
      time: new Date(at + n).toISOString(),
      uuid: `00000000-0000-4000-8000-00000001000${n}`,
      source: { namespace: "web", pod_name: "checkout-0" },
      destination,
    });
  await writer.insert(store.client);
  const query = {
    viewer: LOCAL_VIEWER,
    selection: EVERYTHING,
    since: BigInt(at) * 1_000_000n,
    until: BigInt(at + 60_000) * 1_000_000n,
    limit: 10,
  };
  const coredns = { kind: "workload", namespace: "kube-system", name: "coredns" };
  expect(await reader.edges(query)).toMatchObject([{ destination: coredns, count: 3 }]);
  // What the page asks when that edge is clicked.
  const selection = parseFilterLine("--from-pod web/checkout --to-pod kube-system/coredns");
  expect((await reader.page({ ...query, selection })).rows).toHaveLength(3);
  const { rows } = await reader.page(query);
  expect(rows.map((row) => row.destinationPod).sort()).toEqual(
    to.map(({ pod_name }) => pod_name).sort(),
  );
});
