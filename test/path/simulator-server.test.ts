import { afterEach, expect, test } from "vitest";
import { status as Code } from "@grpc/grpc-js";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  GetAgentEventsResponseSchema,
  GetNamespacesResponseSchema,
  GetNodesResponseSchema,
  NodeState,
  ServerStatusResponseSchema,
  Verdict,
} from "@dropscope/hubble";
import {
  createSimulator,
  type Simulator,
  type SimulatorOptions,
} from "@dropscope/ingester/simulator";
import { until } from "@dropscope/ingester/testing";
import { observerClient, type ObserverClient } from "../kit/observer-client.js";

let simulator: Simulator | undefined;
let client: ObserverClient | undefined;

async function start(
  options: SimulatorOptions,
): Promise<{ simulator: Simulator; client: ObserverClient }> {
  simulator = createSimulator({ listen: { port: 0 }, ...options });
  await simulator.start();
  client = observerClient(simulator.address());
  return { simulator, client };
}

afterEach(async () => {
  client?.close();
  await simulator?.stop(1000);
});

const quiet = { rate: 0, incidents: [], sort: { length: 1 } } as const;

test("a follower soon sees the first drop, after the node status", async () => {
  const { client } = await start({});
  const begun = Date.now();
  const stream = client.flows({ follow: true });
  const drop = () => stream.flows().find(({ verdict }) => verdict === Verdict.DROPPED);
  await until("a drop", () => drop() !== undefined);
  // By the flow's own clock: how long a busy machine takes to carry it is another matter.
  const time = drop()?.time;
  expect((time === undefined ? Infinity : timestampMs(time)) - begun).toBeLessThan(1500);
  const [first] = stream.responses;
  expect(first?.responseTypes).toMatchObject({
    case: "nodeStatus",
    value: { stateChange: 1, nodeNames: ["shop/node-1", "shop/node-2", "shop/node-3"] },
  });
  expect((await stream.headers).get("hubble-relay-version")).toEqual(["1.19.4"]);
  stream.cancel();
});

test("a follower gets each injected flow once, and none that it did not ask for", async () => {
  const { simulator, client } = await start(quiet);
  const stream = client.flows({
    follow: true,
    whitelist: [{ destinationPort: ["5432"] }],
    blacklist: [{ sourcePod: ["web/"] }],
  });
  await until("the stream", () => simulator.streams() === 1);
  const wanted: string[] = [];
  for (let i = 0; i < 100; i++) {
    const flow = simulator.inject({
      node_name: `node-${1 + (i % 3)}`,
      source: { namespace: i % 4 === 0 ? "web" : "payments", pod_name: "p" },
      l4: { TCP: { source_port: 1, destination_port: i % 2 === 0 ? 5432 : 80 } },
    });
    if (i % 2 === 0 && i % 4 !== 0) wanted.push(flow.uuid ?? "");
  }
  await until("all wanted flows", () => stream.flows().length >= wanted.length);
  simulator.inject({ l4: { TCP: { destination_port: 80 } } });
  expect(
    stream
      .flows()
      .map(({ uuid }) => uuid)
      .sort(),
  ).toEqual(wanted.sort());
  stream.cancel();
});

test("number, first, since and until select from the ring", async () => {
  const { simulator, client } = await start(quiet);
  const uuids: string[] = [];
  const times: number[] = [];
  for (let i = 0; i < 30; i++) {
    times.push(Date.now());
    uuids.push(simulator.inject({ node_name: "node-1" }).uuid ?? "");
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  const ask = async (request: Parameters<ObserverClient["flows"]>[0]): Promise<string[]> => {
    const stream = client.flows(request);
    expect(await stream.ended).toBeUndefined();
    return stream.flows().map(({ uuid }) => uuid);
  };
  expect(await ask({})).toEqual(uuids);
  expect(await ask({ number: 4n })).toEqual(uuids.slice(-4));
  expect(await ask({ number: 2n ** 64n - 1n })).toEqual(uuids);
  expect(await ask({ number: 4n, first: true })).toEqual(uuids.slice(0, 4));
  expect(await ask({ since: timestampFromMs(times[10] ?? 0) })).toEqual(uuids.slice(10));
  expect(
    await ask({ since: timestampFromMs(times[10] ?? 0), until: timestampFromMs(times[12] ?? 0) }),
  ).toEqual(uuids.slice(10, 13));
});

test("what Hubble refuses is refused", async () => {
  const { client } = await start(quiet);
  const refused = async (request: Parameters<ObserverClient["flows"]>[0]) =>
    (await client.flows(request).ended)?.code;
  expect(await refused({ first: true, follow: true })).toBe(Code.INVALID_ARGUMENT);
  expect(await refused({ whitelist: [{ httpPath: ["("] }] })).toBe(Code.UNKNOWN);
  expect(await refused({ whitelist: [{ sourceIp: ["10.0.0.0/40"] }] })).toBe(Code.UNKNOWN);
  expect(await refused({ fieldMask: { paths: ["source.colour"] } })).toBe(Code.UNKNOWN);
  await expect(client.unary("GetAgentEvents", GetAgentEventsResponseSchema)).rejects.toMatchObject({
    code: Code.UNIMPLEMENTED,
  });
});

test("a mask without time and node_name empties the envelope", async () => {
  const { simulator, client } = await start(quiet);
  simulator.inject({ verdict: "DROPPED", source: { pod_name: "p", identity: 7 } });
  const read = async (paths: string[]) => {
    const stream = client.flows({ number: 1n, fieldMask: { paths } });
    await stream.ended;
    return stream.responses.find(({ responseTypes }) => responseTypes.case === "flow");
  };
  const bare = await read(["source.pod_name"]);
  expect(bare).toMatchObject({ nodeName: "" });
  expect(bare?.time).toBeUndefined();
  expect(bare?.responseTypes.value).toMatchObject({
    verdict: 0,
    source: { podName: "p", identity: 0 },
  });
  expect(await read(["time", "node_name"])).toMatchObject({ nodeName: "shop/node-1" });
});

test("a reader that stops reading is told what it missed; one that reads is not", async () => {
  const { simulator, client } = await start({ ...quiet, mode: "agent", ring: 63 });
  const slow = client.flows({ follow: true });
  const fast = client.flows({ follow: true });
  await until("both streams", () => simulator.streams() === 2);
  slow.pause();
  const padding = {
    source: { labels: Array.from({ length: 40 }, (_, i) => `k8s:padding${i}=${"x".repeat(40)}`) },
  };
  let last: string | undefined;
  let written = 0;
  const write = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      last = simulator.inject(padding).uuid;
      written++;
      // The reader that keeps up gets the time to do so.
      await until("the fast reader", () => fast.flows().length > written - 20);
    }
  };
  await write(2000);
  slow.resume();
  await until("what the slow reader had been sent", () => slow.flows().length > 0);
  await until("the slow reader to learn of its loss", async () => {
    await write(1);
    return slow.lost().length > 0;
  });
  await until("both at the end", () =>
    [slow, fast].every((stream) => stream.flows().at(-1)?.uuid === last),
  );
  const missed = slow.lost().reduce((sum, { numEventsLost }) => sum + Number(numEventsLost), 0);
  expect(missed).toBeGreaterThan(0);
  expect(slow.lost()[0]?.source).toBe(3);
  expect(slow.flows().length + missed).toBe(written);
  expect(fast.flows().length).toBe(written);
  expect(fast.lost()).toEqual([]);
  slow.cancel();
  fast.cancel();
});

test("planned losses are replayed to every reader", async () => {
  const { simulator, client } = await start(quiet);
  simulator.loseEvents("node-2", 17);
  simulator.loseEvents("shop/node-3", 5, "OBSERVER_EVENTS_QUEUE");
  for (let i = 0; i < 2; i++) {
    const stream = client.flows({});
    await stream.ended;
    expect(
      stream.lost().map(({ numEventsLost, source }) => [Number(numEventsLost), source]),
    ).toEqual([
      [17, 1],
      [5, 2],
    ]);
  }
  expect(simulator.totals()).toMatchObject({ flows: 0, lost: 22 });
});

test("a node that breaks off is reported, and replays after it is back", async () => {
  const { simulator, client } = await start(quiet);
  const stream = client.flows({ follow: true, since: timestampFromMs(Date.now() - 1000) });
  await until("the stream", () => simulator.streams() === 1);
  const { uuid } = simulator.inject({ node_name: "node-2" });
  await until("the flow", () => stream.flows().length === 1);
  simulator.dropNode("node-2");
  const status = await client.unary("ServerStatus", ServerStatusResponseSchema);
  expect(status).toMatchObject({
    numConnectedNodes: 2,
    numUnavailableNodes: 1,
    unavailableNodes: ["shop/node-2"],
  });
  const nodes = await client.unary("GetNodes", GetNodesResponseSchema);
  expect(nodes.nodes.map(({ state }) => state)).toEqual([1, 2, 1]);
  simulator.restoreNode("node-2");
  await until("the replay", () => stream.flows().length === 2, 6000);
  expect(stream.flows().map((flow) => flow.uuid)).toEqual([uuid, uuid]);
  const errors = stream.responses.filter(
    ({ responseTypes }) =>
      responseTypes.case === "nodeStatus" &&
      responseTypes.value.stateChange === NodeState.NODE_ERROR,
  );
  expect(errors).toHaveLength(1);
  stream.cancel();
});

test("a relay that hangs up ends streams with UNAVAILABLE, and answers again on the same port", async () => {
  const { simulator, client } = await start(quiet);
  const stream = client.flows({ follow: true });
  await until("the stream", () => simulator.streams() === 1);
  const address = simulator.address();
  await simulator.hangUp();
  expect((await stream.ended)?.code).toBe(Code.UNAVAILABLE);
  const { uuid } = simulator.inject({});
  await simulator.answer();
  expect(simulator.address()).toBe(address);
  const again = observerClient(address);
  const after = again.flows({ number: 10n });
  await after.ended;
  expect(after.flows().map((flow) => flow.uuid)).toEqual([uuid]);
  again.close();
});

test("agent mode: one node, its own header, no node status and no GetNodes", async () => {
  const { simulator, client } = await start({ ...quiet, mode: "agent", cluster: "default" });
  simulator.inject({ node_name: "node-1", source: { namespace: "web" } });
  simulator.inject({ node_name: "node-2" });
  const stream = client.flows({ number: 10n });
  await stream.ended;
  expect(stream.responses).toHaveLength(1);
  expect(stream.responses[0]?.nodeName).toBe("node-1");
  expect((await stream.headers).get("hubble-server-version")).toEqual(["1.19.4"]);
  await expect(client.unary("GetNodes", GetNodesResponseSchema)).rejects.toMatchObject({
    code: Code.UNIMPLEMENTED,
  });
  const { namespaces } = await client.unary("GetNamespaces", GetNamespacesResponseSchema);
  expect(namespaces).toMatchObject([{ cluster: "default", namespace: "web" }]);
  const status = await client.unary("ServerStatus", ServerStatusResponseSchema);
  expect(status.numConnectedNodes).toBeUndefined();
  expect(status).toMatchObject({ numFlows: 1n, maxFlows: 4095n, seenFlows: 1n });
});

test("a relay without peers ends a follower at once, without an error", async () => {
  const { client } = await start({ nodes: 0 });
  const stream = client.flows({ follow: true });
  expect(await stream.ended).toBeUndefined();
  expect(stream.responses).toEqual([]);
});

test("history: the rings are full of the past when the port opens", async () => {
  const { client } = await start({ historySeconds: 20, incidents: [] });
  const stream = client.flows({});
  await stream.ended;
  const times = stream.flows().map(({ time }) => (time === undefined ? 0 : timestampMs(time)));
  expect(times.length).toBeGreaterThan(1500);
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(15_000);
  expect(Math.max(...times)).toBeLessThanOrEqual(Date.now());
});

test("a busy port is a message, not a stack", async () => {
  const { simulator } = await start(quiet);
  const port = Number(simulator.address().split(":")[1]);
  await expect(createSimulator({ listen: { port } }).start()).rejects.toMatchObject({
    code: "PORT_BUSY",
  });
});
