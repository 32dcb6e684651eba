import { expect, test } from "vitest";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import { bareWorld } from "../testing-world.js";
import { formatTime } from "../traffic/generator.js";
import { createAgent, type Agent } from "./agent.js";
import type { Cursor } from "./cursor.js";
import { createRelayStream } from "./relay.js";
import type { FlowQuery } from "./request.js";

const START = Date.UTC(2026, 0, 1);

function relay(part: Partial<FlowQuery>, options: { length?: number; down?: number[] } = {}) {
  const state = { now: 0 };
  const agents = bareWorld().world.nodes.map((node) => createAgent(node, 1023, false));
  for (const index of options.down ?? []) (agents[index] as Agent).reachable = false;
  const write = (index: number, second: number): void => {
    const agent = agents[index] as Agent;
    const time = formatTime(START, second * 1e9);
    const flow = { time, uuid: `${index}@${second}`, node_name: agent.node.hubbleName };
    agent.write({ at: second * 1e9, time, flow });
  };
  const query: FlowQuery = {
    number: 0,
    first: false,
    follow: true,
    since: undefined,
    until: undefined,
    passes: () => true,
    mask: undefined,
    ...part,
  };
  const open = (): Cursor =>
    createRelayStream({
      agents,
      query,
      startMs: START,
      relayName: "relay",
      now: () => state.now,
      nowText: () => formatTime(START, state.now),
      sort: { length: options.length ?? 100, drainMs: 1000 },
    });
  return { state, agents, write, open };
}

function drain(cursor: Cursor): string[] {
  const names: string[] = [];
  for (;;) {
    const sent = cursor.next();
    if (sent === "end" || sent === "wait") return [...names, sent];
    const response = toJson(
      GetFlowsResponseSchema,
      fromBinary(GetFlowsResponseSchema, sent.bytes),
      { useProtoFieldName: true },
    ) as { flow?: { uuid: string }; node_status?: { state_change: string; node_names: string[] } };
    const status = response.node_status;
    names.push(response.flow?.uuid ?? `${status?.state_change} ${status?.node_names.join(" ")}`);
  }
}

const CONNECTED = "NODE_CONNECTED shop/node-1 shop/node-2 shop/node-3";

test("node status comes first: the connected, then the unavailable", () => {
  const { open } = relay({}, { down: [1] });
  expect(drain(open())).toEqual([
    "NODE_CONNECTED shop/node-1 shop/node-3",
    "NODE_UNAVAILABLE shop/node-2",
    "wait",
  ]);
});

test("the number is per node, and a query without follow is in order and ends", () => {
  const { open, write } = relay({ follow: false, number: 2 });
  for (let second = 0; second < 9; second++) write(second % 3, second);
  expect(drain(open())).toEqual([CONNECTED, "0@3", "1@4", "2@5", "0@6", "1@7", "2@8", "end"]);
});

test("flows are held back until the buffer is full or nothing came for a second", () => {
  const { open, write, state } = relay({}, { length: 3 });
  const cursor = open();
  expect(drain(cursor)).toEqual([CONNECTED, "wait"]);
  write(0, 2);
  write(1, 1);
  expect(drain(cursor)).toEqual(["wait"]);
  write(2, 3);
  expect(drain(cursor)).toEqual(["1@1", "wait"]);
  state.now = 0.9e9;
  expect(drain(cursor)).toEqual(["wait"]);
  state.now = 1e9;
  expect(drain(cursor)).toEqual(["0@2", "2@3", "wait"]);
});

test("a node that comes back replays everything since the start of the stream", () => {
  const { open, write, state, agents } = relay({ since: 0 }, { length: 1 });
  const cursor = open();
  write(0, 1);
  expect(drain(cursor)).toEqual([CONNECTED, "0@1", "wait"]);
  const agent = agents[0] as Agent;
  agent.reachable = false;
  agent.epoch++;
  expect(drain(cursor)).toEqual(["NODE_ERROR shop/node-1", "wait"]);
  write(0, 2);
  state.now = 3e9;
  expect(drain(cursor)).toEqual(["wait"]);
  agent.reachable = true;
  state.now = 6e9;
  expect(drain(cursor)).toEqual(["0@1", "0@2", "wait"]);
});

test("a node that ended without an error stays silent until the client connects anew", () => {
  const { open, write, state, agents } = relay({}, { length: 1 });
  const cursor = open();
  drain(cursor);
  (agents[1] as Agent).silence++;
  write(0, 1);
  write(1, 2);
  expect(drain(cursor)).toEqual(["0@1", "wait"]);
  state.now = 60e9;
  write(1, 60);
  expect(drain(cursor)).toEqual(["wait"]);
  const anew = open();
  drain(anew);
  write(1, 61);
  expect(drain(anew)).toEqual(["1@61", "wait"]);
});

test("a relay that knows no peers ends a follow stream at once", () => {
  const { agents, open } = relay({});
  agents.length = 0;
  expect(drain(open())).toEqual(["end"]);
});
