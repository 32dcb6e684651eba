import { expect, test } from "vitest";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import type { ObservedItem } from "@dropscope/model";
import { compileMask, GetFlowsResponseSchema } from "@dropscope/hubble";
import { formatTime } from "../traffic/generator.js";
import { createCursor, type Cursor } from "./cursor.js";
import type { FlowQuery } from "./request.js";
import { createRing, type Ring } from "./ring.js";

const START = Date.UTC(2026, 0, 1);
let now = 0;

function ringWith(count: number, capacity = 15, holdNewest = false): Ring {
  const ring = createRing(capacity, holdNewest);
  for (let i = 0; i < count; i++) write(ring, i);
  return ring;
}

/** Flow i is read by the agent at i seconds and calls itself `i`. */
function write(ring: Ring, i: number): void {
  const time = formatTime(START, i * 1e9);
  ring.write({ at: i * 1e9, time, flow: { time, uuid: String(i), node_name: "shop/node-1" } });
}

function query(part: Partial<FlowQuery>): FlowQuery {
  return {
    number: 0,
    first: false,
    follow: false,
    since: undefined,
    until: undefined,
    passes: () => true,
    mask: undefined,
    ...part,
  };
}

function read(ring: Ring, part: Partial<FlowQuery>): string[] {
  return drain(open(ring, part)).map(nameOf);
}

function open(ring: Ring, part: Partial<FlowQuery>): Cursor {
  return createCursor({
    ring,
    nodeName: "shop/node-1",
    query: query(part),
    startMs: START,
    now: () => now,
  });
}

function drain(cursor: Cursor): (ObservedItem | "wait")[] {
  const items: (ObservedItem | "wait")[] = [];
  for (;;) {
    const sent = cursor.next();
    if (sent === "end") return items;
    if (sent === "wait") return [...items, "wait"];
    const response = fromBinary(GetFlowsResponseSchema, sent.bytes);
    items.push(
      toJson(GetFlowsResponseSchema, response, { useProtoFieldName: true }) as ObservedItem,
    );
  }
}

function nameOf(item: ObservedItem | "wait"): string {
  if (item === "wait") return "wait";
  return item.flow?.uuid ?? `lost ${item.lost_events?.num_events_lost ?? "0"}`;
}

test("where a reader starts", () => {
  const ring = ringWith(6);
  expect(read(ring, {})).toEqual(["0", "1", "2", "3", "4", "5"]);
  expect(read(ring, { number: 2 })).toEqual(["4", "5"]);
  expect(read(ring, { number: 2, first: true })).toEqual(["0", "1"]);
  expect(read(ring, { since: 3e9 })).toEqual(["3", "4", "5"]);
  expect(read(ring, { since: 2.5e9, until: 4e9 })).toEqual(["3", "4"]);
  expect(read(ring, { until: 1.9e9 })).toEqual(["0", "1"]);
  // `since` wins, and the number counts forward from it.
  expect(read(ring, { since: 1e9, number: 2 })).toEqual(["1", "2"]);
  expect(read(ring, { since: 99e9 })).toEqual([]);
  expect(read(ring, { follow: true })).toEqual(["wait"]);
  expect(read(ring, { follow: true, number: 2 })).toEqual(["4", "5", "wait"]);
  expect(read(ring, { follow: true, since: 0, until: 1e9 })).toEqual(["0", "1"]);
});

test("only matching flows count towards the number", () => {
  const even = (flow: { uuid?: string }): boolean => Number(flow.uuid) % 2 === 0;
  expect(read(ringWith(8), { number: 2, passes: even })).toEqual(["4", "6"]);
});

test("a follower that is overtaken jumps and is told how much it missed, once a second", () => {
  const ring = ringWith(3);
  now = 10e9;
  const cursor = open(ring, { follow: true, since: 0 });
  expect(drain(cursor).map(nameOf)).toEqual(["0", "1", "2", "wait"]);
  for (let i = 3; i < 40; i++) write(ring, i);
  const [loss] = drain(cursor);
  expect(loss).toEqual({
    lost_events: {
      source: "HUBBLE_RING_BUFFER",
      num_events_lost: "22",
      first: "2026-01-01T00:00:10Z",
      last: "2026-01-01T00:00:10Z",
    },
    node_name: "shop/node-1",
    time: "2026-01-01T00:00:10Z",
  });
  // A second loss within the same second waits for its turn.
  for (let i = 40; i < 60; i++) write(ring, i);
  expect(drain(cursor).map(nameOf)[0]).toBe("45");
  now = 11.5e9;
  for (let i = 60; i < 62; i++) write(ring, i);
  expect(drain(cursor).map(nameOf)).toEqual(["lost 5", "60", "61", "wait"]);
});

test("a request that begins before the ring starts at its oldest event without a word", () => {
  expect(read(ringWith(40), { since: 0 })[0]).toBe("25");
});

test("losses of the agent itself stay in the ring for every reader and pass every filter", () => {
  const ring = ringWith(2);
  const time = formatTime(START, 2e9);
  ring.write({ at: 2e9, time, lost: { source: "PERF_EVENT_RING_BUFFER", count: 9, cpu: 1 } });
  for (let reader = 0; reader < 2; reader++) {
    expect(drain(open(ring, { passes: () => false }))).toEqual([
      {
        lost_events: { source: "PERF_EVENT_RING_BUFFER", num_events_lost: "9", cpu: 1 },
        node_name: "shop/node-1",
        time: "2026-01-01T00:00:02Z",
      },
    ]);
  }
});

test("with holdNewest the newest event is invisible until the next one", () => {
  const ring = ringWith(3, 15, true);
  expect(read(ring, {})).toEqual(["0", "1"]);
  write(ring, 3);
  expect(read(ring, {})).toEqual(["0", "1", "2"]);
});

test("the envelope is filled from the masked flow", () => {
  const masked = (paths: string[]) => {
    const mask = compileMask(paths);
    if (mask === "invalid" || mask === undefined) throw new Error("no mask");
    return drain(open(ringWith(1), { mask }))[0];
  };
  expect(masked(["uuid"])).toEqual({ flow: { uuid: "0" } });
  expect(masked(["uuid", "time", "node_name"])).toEqual({
    flow: { uuid: "0", time: "2026-01-01T00:00:00Z", node_name: "shop/node-1" },
    node_name: "shop/node-1",
    time: "2026-01-01T00:00:00Z",
  });
});

test("masks know the fields of a flow", () => {
  expect(compileMask([])).toBeUndefined();
  expect(compileMask(["source.pod_name", "l4.TCP.flags"])).toBeTypeOf("function");
  expect(compileMask(["source.pod"])).toBe("invalid");
  expect(compileMask(["verdict.x"])).toBe("invalid");
  expect(compileMask([""])).toBe("invalid");
  const mask = compileMask(["source.pod_name", "source"]);
  if (typeof mask !== "function") throw new Error("no mask");
  const flow = { source: { pod_name: "a", identity: 3 }, verdict: "DROPPED" };
  expect(mask(flow)).toEqual({ source: { pod_name: "a", identity: 3 } });
});

test("a ring holds 2^n − 1", () => {
  expect(() => createRing(4096, false)).toThrow(RangeError);
  expect(createRing(4095, false).capacity).toBe(4095);
});
