import {
  type ClientEvents,
  type Flow,
  type FlowDetail,
  type FlowsAnswer,
  type LiveFrame,
  type LiveSnapshot,
  type OverviewAnswer,
  type ServerEvents,
} from "@dropscope/model";
import { API_ROUTES } from "@dropscope/dashboard";
import { dropAt, flowAt, serveDashboard, type ServedDashboard } from "@dropscope/dashboard/testing";
import { createReader, newBatchId, type FlowReader } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { clickhouseTime, RowWriter } from "../kit/flow-rows.js";

let store: TestStore;
let reader: FlowReader;
let served: ServedDashboard;

beforeAll(async () => {
  store = await startTestStore();
  reader = createReader(store.client);
  served = await serveDashboard({ reader: breakable(reader), limits: { socketsPerAddress: 50 } });
});
afterAll(async () => {
  await served?.close();
  await store?.close();
});
beforeEach(async () => {
  for (const table of ["flows", "batches", "drops_1m", "edges_1m", "gaps"])
    await store.client.command(`TRUNCATE TABLE ${table}`);
});

/** Set: every question fails with it, as when the engine is gone. */
let fault: Error | undefined;

function breakable(real: FlowReader): FlowReader {
  return new Proxy(real, {
    get(target, name, receiver) {
      if (fault !== undefined) return () => Promise.reject(fault);
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
}

/** A batch as the delivery loop brings it: its rows, and some time later its commit mark. */
async function land(flows: readonly Flow[], pauseMs = 0): Promise<void> {
  const id = newBatchId(Date.now());
  const writer = new RowWriter(id);
  for (const flow of flows) writer.add(flow);
  const times = flows.map((flow) => flow.time ?? "").sort();
  await writer.insert(store.client);
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  const mark = {
    batch: String(id),
    writer: "test",
    flows: flows.length,
    bytes: 1,
    min_time: clickhouseTime(times[0] ?? ""),
    max_time: clickhouseTime(times.at(-1) ?? ""),
    sealed_at: clickhouseTime(new Date().toISOString()),
  };
  await store.client.insertRows("batches", [mark], String(id));
}

async function get<Answer>(path: string): Promise<Answer> {
  const response = await fetch(`${served.url}/api/v1${path}`);
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as Answer;
}

interface Watcher {
  drops: number;
  flows: number;
  verdicts: Record<string, number>;
  /** ms from the fsync of a batch to the frame, as the browser sees it. */
  socket: Socket<ServerEvents, ClientEvents>;
  snapshots: number;
}

async function watch(filter = ""): Promise<Watcher> {
  const socket: Socket<ServerEvents, ClientEvents> = io(served.url, {
    transports: ["websocket"],
    forceNew: true,
    extraHeaders: { origin: served.url },
  });
  const watcher: Watcher = { drops: 0, flows: 0, verdicts: {}, socket, snapshots: 0 };
  const verdictsOf = (list: LiveSnapshot["verdicts"]) =>
    Object.fromEntries(list.map(({ verdict, count }) => [verdict, count]));
  socket.on("snapshot", (snapshot) => {
    watcher.snapshots += 1;
    watcher.drops = snapshot.drops.series.flatMap((one) => one.counts).reduce((a, b) => a + b, 0);
    watcher.flows = snapshot.flows.length;
    watcher.verdicts = verdictsOf(snapshot.verdicts);
  });
  socket.on("frame", (frame: LiveFrame) => {
    watcher.drops += frame.drops.reduce((sum, [, , count]) => sum + count, 0);
    watcher.flows += frame.flows.length + frame.more;
    if (frame.verdicts !== undefined) watcher.verdicts = verdictsOf(frame.verdicts);
  });
  expect(await socket.emitWithAck("subscribe", { filter })).toEqual({ ok: true });
  return watcher;
}

describe("history from a real store", () => {
  /** What a route does not answer without. */
  const PARAMETERS: Readonly<Record<string, string>> = {
    complete: "?what=namespace",
  };

  test("every answer is what the OpenAPI document says", async () => {
    const now = Date.now();
    await land([dropAt(now - 5_000), flowAt(now - 4_000), dropAt(now - 3_000)]);
    const { flows } = await get<FlowsAnswer>("/flows?limit=2");
    expect(flows).toHaveLength(2);
    for (const route of API_ROUTES) {
      const path = route.path.replace(":uuid", flows[0]?.uuid ?? "");
      // What no correlator has written cannot be shown; these answers have tests of their own.
      if (path.includes(":")) {
        const absent = path
          .replace(":id", "0123456789abcdef")
          .replace(":address", "nobody")
          .replace(":kind/:namespace/:name", "NetworkPolicy/web/none");
        const { status } = await fetch(`${served.url}/api/v1${absent}`);
        // Of any address something can be said; of what is none, nothing.
        expect([absent, status]).toEqual([absent, route.name === "address" ? 400 : 404]);
        continue;
      }
      if (route.name === "tuningSuggestion") {
        // Nothing was seen of anybody; it has tests of its own.
        expect((await fetch(`${served.url}/api/v1${path}?namespace=web`)).status).toBe(404);
        continue;
      }
      if (route.name === "exportFlows") {
        const file = await fetch(`${served.url}/api/v1${path}?format=csv`);
        expect(file.headers.get("content-type")).toMatch(/^text\/csv/);
        // What is in it is tested with the exporter itself; see export-cli.
        expect(await file.text()).toMatch(/^time/);
        continue;
      }
      const answer = await get(`${path}${PARAMETERS[route.name] ?? ""}`);
      expect(() => route.answer.parse(answer), route.name).not.toThrow();
    }
    const detail = await get<FlowDetail>(`/flows/${flows[0]?.uuid}`);
    expect(detail.row).toEqual(flows[0]);
    const overview = await get<OverviewAnswer>("/overview?since=7d&filter=--verdict%20DROPPED");
    expect(overview.verdicts).toEqual([{ verdict: "DROPPED", count: 2 }]);
    expect(overview.edges[0]).toMatchObject({ count: 2, port: 8080 });
  });

  test("hostile text in every parameter is data, never a query", async () => {
    const payloads = [
      "'",
      '"',
      "\\",
      "') OR 1=1 --",
      "{x:String}",
      "%",
      "$(id)",
      "\u0000",
      "😀\u202e",
    ];
    await land([dropAt(Date.now())]);
    for (const payload of payloads) {
      const word = encodeURIComponent(`--pod ${JSON.stringify(`x/${payload}`)}`);
      const answers = [
        `/flows?filter=${word}`,
        `/complete?what=pod&prefix=${encodeURIComponent(payload)}`,
        `/flows?cursor=${encodeURIComponent(payload)}`,
        `/flows?since=${encodeURIComponent(payload)}`,
      ];
      for (const path of answers) {
        const response = await fetch(`${served.url}/api/v1${path}`);
        const text = await response.text();
        expect([path, response.status < 500]).toEqual([path, true]);
        expect(text).not.toMatch(/DB::|Exception|SELECT/);
        if (path.startsWith("/flows?filter") && response.ok)
          expect(JSON.parse(text).flows).toEqual([]);
      }
    }
  });
});

describe("live from a real store", () => {
  test("picture and frames together count what the store holds, while batches land all the time", async () => {
    let landed = 0;
    let drops = 0;
    const stop = new AbortController();
    /** Two ingesters at once; one is slow between the rows and the commit mark. */
    const ingest = async (pauseMs: number) => {
      while (!stop.signal.aborted) {
        const now = Date.now();
        const denied = Array.from({ length: 5 }, () => dropAt(now));
        // Half of the denied packets are told as verdicts too, perhaps in a batch of their own.
        const verdicts = denied.map(() => dropAt(now, { event_type: { type: 5 } }));
        await land([...denied, flowAt(now), flowAt(now)], pauseMs);
        await land(verdicts, pauseMs);
        landed += 12;
        drops += 5;
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
    };
    const ingesters = [ingest(0), ingest(150)];
    const watchers: Watcher[] = [];
    for (let n = 0; n < 8; n++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      // New rooms and old ones: a filter of its own makes a room of its own.
      watchers.push(await watch(n % 2 === 0 ? "" : `--not --to-port ${n}`));
    }
    stop.abort();
    await Promise.all(ingesters);
    await vi.waitFor(
      () => {
        for (const watcher of watchers) {
          expect(watcher.verdicts).toEqual({
            DROPPED: (landed / 12) * 10,
            FORWARDED: (landed / 12) * 2,
          });
        }
      },
      { timeout: 15_000, interval: 200 },
    );
    const stored = await get<OverviewAnswer>("/overview?since=10m");
    const total = stored.drops.series.flatMap((one) => one.counts).reduce((a, b) => a + b, 0);
    expect(stored.verdicts.reduce((sum, { count }) => sum + count, 0)).toBe(landed);
    expect(total).toBe(drops);
    for (const watcher of watchers) {
      expect(watcher.snapshots).toBe(1);
      expect(watcher.drops).toBe(total);
      watcher.socket.disconnect();
    }
  });

  test("R14: from the commit mark to the browser", async () => {
    const watcher = await watch();
    await vi.waitFor(() => expect(watcher.snapshots).toBe(1));
    const delays: number[] = [];
    for (let n = 0; n < 10; n++) {
      const before = watcher.flows;
      await land(
        Array.from({ length: 100 }, () => (n % 2 === 0 ? dropAt(Date.now()) : flowAt(Date.now()))),
      );
      const begun = Date.now();
      await vi.waitFor(() => expect(watcher.flows).toBe(before + 100), {
        timeout: 5_000,
        interval: 5,
      });
      delays.push(Date.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    delays.sort((a, b) => a - b);
    console.log(`commit to browser: p50 ${delays[5]} ms, worst of ten ${delays[9]} ms`);
    // The bench shows the figure; here a busy machine is forgiven, a tail that is stuck is not.
    expect(delays[9]).toBeLessThan(3_000);
    watcher.socket.disconnect();
  });

  test("the store dies and comes back: trouble, then a picture that is right", async () => {
    await land([dropAt(Date.now())]);
    const watcher = await watch();
    await vi.waitFor(() => expect(watcher.snapshots).toBe(1));
    const trouble = new Promise<{ code: string }>((resolve) =>
      watcher.socket.once("trouble", resolve),
    );
    fault = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });
    expect(await trouble).toMatchObject({ code: "STORE_DOWN" });
    expect((await fetch(`${served.url}/api/v1/flows`)).status).toBe(503);
    fault = undefined;
    await land([dropAt(Date.now())]);
    await vi.waitFor(() => expect(watcher.snapshots).toBe(2), { timeout: 20_000 });
    await vi.waitFor(() => expect(watcher.drops).toBe(2), { timeout: 5_000 });
    watcher.socket.disconnect();
  });
});
