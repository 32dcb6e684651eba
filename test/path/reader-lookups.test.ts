import { type Flow, LOCAL_VIEWER } from "@dropscope/model";
import { createViewReader, newBatchId, type ViewReader } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RowWriter } from "../kit/flow-rows.js";

const MINUTE = 60_000;
const START = Date.parse("2026-04-01T12:00:00Z");
const ns = (ms: number): bigint => BigInt(ms) * 1_000_000n;

let count = 0;
/** A question, or an answer with a response code, `minute` minutes after the start. */
function lookup(minute: number, namespace: string, rcode?: number): Flow {
  const client = { namespace, pod_name: "app-1", workloads: [{ name: "app", kind: "Deployment" }] };
  const server = { namespace: "kube-system", pod_name: "coredns-1" };
  const answer = rcode !== undefined;
  return {
    time: new Date(START + minute * MINUTE + 5000).toISOString(),
    uuid: `00000000-0000-4000-8000-${String(count++).padStart(12, "0")}`,
    verdict: "FORWARDED",
    Type: "L7",
    event_type: { type: 129 },
    node_name: "n1",
    is_reply: answer,
    l4: { UDP: answer ? { source_port: 53 } : { destination_port: 53 } },
    source: answer ? server : client,
    destination: answer ? client : server,
    l7: {
      type: answer ? "RESPONSE" : "REQUEST",
      dns: { query: "a.example.", ...(answer && rcode > 0 && { rcode }) },
    },
  };
}

let store: TestStore;
let views: ViewReader;

beforeAll(async () => {
  store = await startTestStore();
  views = createViewReader(store.client);
  const writer = new RowWriter(newBatchId(Date.now()));
  for (const flow of [
    ...[0, 0, 0, 1, 3].map((minute) => lookup(minute, "web")),
    ...[0, 0, 3].map((minute) => lookup(minute, "web", 0)),
    lookup(1, "web", 3),
    lookup(1, "payments"),
    lookup(1, "payments", 5),
    lookup(9, "web", 0),
  ])
    writer.add(flow);
  await writer.insert(store.client);
});
afterAll(() => store.close());

describe("name lookups over time", () => {
  const query = { since: ns(START), until: ns(START + 4 * MINUTE) - 1n, stepMs: MINUTE };

  it("are counted by the minute, questions apart from answers by code", async () => {
    const found = await views.lookups({ viewer: LOCAL_VIEWER, ...query });
    expect(found).toEqual({
      from: START,
      to: START + 4 * MINUTE,
      stepMs: MINUTE,
      asked: [3, 2, 0, 1],
      answered: new Map([
        [0, [2, 0, 0, 1]],
        [3, [0, 1, 0, 0]],
        [5, [0, 1, 0, 0]],
      ]),
    });
  });

  it("fold into longer steps that lie on multiples of the step", async () => {
    const found = await views.lookups({
      viewer: LOCAL_VIEWER,
      since: ns(START + MINUTE),
      until: ns(START + 10 * MINUTE),
      stepMs: 5 * MINUTE,
    });
    expect(found.from).toBe(START);
    expect(found.asked).toEqual([6, 0, 0]);
    expect(found.answered.get(0)).toEqual([3, 1, 0]);
  });

  it("of clients that the viewer may not see are not counted", async () => {
    const viewer = { name: "web", namespaces: ["web"], seesL7: false };
    const found = await views.lookups({ viewer, ...query });
    expect(found.asked).toEqual([3, 1, 0, 1]);
    expect(found.answered.has(5)).toBe(false);
  });

  it("are none where nothing was seen", async () => {
    const found = await views.lookups({
      viewer: LOCAL_VIEWER,
      since: ns(START - 60 * MINUTE),
      until: ns(START - 58 * MINUTE) - 1n,
      stepMs: MINUTE,
    });
    expect(found.asked).toEqual([0, 0]);
    expect(found.answered.size).toBe(0);
  });
});
