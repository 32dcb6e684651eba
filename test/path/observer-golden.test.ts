import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromJson, toJson } from "@bufbuild/protobuf";
import { FlowFilterSchema, FlowSchema, GetFlowsResponseSchema } from "@dropscope/hubble";
import { createDecoder, createFeed, createRecentIds, importFiles } from "@dropscope/ingester";
import { systemClock } from "@dropscope/model";
import { createObserver, type ObserverServer } from "@dropscope/observer";
import {
  createFlowBlocks,
  createReader,
  createStoredIds,
  createStoreFacts,
  openStore,
  type Store,
} from "@dropscope/store";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { passes, TWIN_FIELDS } from "../kit/filter-twin.js";
import { arbitraryFilter } from "../kit/filters-of.js";
import type { Json } from "../kit/json.js";
import { observerClient, type ObserverClient } from "../kit/observer-client.js";
import { dumps, hasShared } from "../kit/shared.js";

const seed = Number(process.env["SEED"] ?? 20261122);
const RUNS = Number(process.env["RUNS"] ?? 200);
const folder = mkdtempSync(join(tmpdir(), "dropscope-observer-"));
let store: Store;
let server: ObserverServer;
let client: ObserverClient;

beforeAll(async () => {
  store = openStore({ dataDir: folder, requireStore: true });
  await store.start();
  server = createObserver({
    listen: { host: "127.0.0.1", port: 0 },
    reader: createReader(store.client),
    // Small, so that answers of some hundred flows already come in windows and blocks.
    blocks: createFlowBlocks(store.client, { windowRows: 250, blockRows: 64 }),
    facts: createStoreFacts(store.client),
    isServing: () => store.client.ping(),
    version: "test",
    cluster: "default",
  });
  await server.start();
  client = observerClient(server.address());
});

afterAll(async () => {
  client.close();
  await server.stop(2_000);
  await store.stop(10_000);
  rmSync(folder, { recursive: true, force: true });
});

async function bring(...inputs: string[]): Promise<void> {
  for (const table of ["flows", "gaps"]) await store.client.command(`TRUNCATE TABLE ${table}`);
  const feed = createFeed({
    door: store.door,
    decoder: createDecoder(),
    recentIds: createRecentIds({ maxBytes: 1 << 20 }),
    clock: systemClock,
  });
  await importFiles({ inputs, feed, known: createStoredIds(store.client) });
  await feed.stop(10_000);
  await store.drained();
}

type Request = Parameters<ObserverClient["flows"]>[0];

async function ask(request: Request): Promise<Json[]> {
  const stream = client.flows(request);
  const error = await stream.ended;
  if (error !== undefined) throw error;
  return stream.responses.map(
    (response) => toJson(GetFlowsResponseSchema, response, { useProtoFieldName: true }) as Json,
  );
}

/** Through the messages: field order and defaults are no difference. */
const plain = (flow: Json): string =>
  JSON.stringify(
    toJson(FlowSchema, fromJson(FlowSchema, flow as never), { useProtoFieldName: true }),
  );

const ofGolden = (lines: readonly string[]): Json[] =>
  lines.map((line) => JSON.parse(line) as Json);

const withGolden = dumps().filter((dump) => dump.jsonpb !== undefined);

describe.skipIf(!hasShared())("a real dump, imported and asked for by gRPC", () => {
  it.each(withGolden.map((dump) => [dump.name, dump] as const))("%s", async (_name, dump) => {
    await bring(dump.path);
    const given = ofGolden(dump.jsonpb ?? []);
    const found = await ask({});
    const flows = found.filter((item) => item["flow"] !== undefined);
    const golden = given.filter((item) => item["flow"] !== undefined);
    expect(flows.map((item) => plain(item["flow"] as Json)).sort()).toEqual(
      golden.map((item) => plain(item["flow"] as Json)).sort(),
    );
    for (const item of flows) {
      expect(item["time"]).toBe(item["flow"].time);
      expect(item["node_name"]).toBe(item["flow"].node_name);
    }
    const lost = (items: Json[]): string[] =>
      items
        .filter((item) => item["lost_events"])
        .map((item) => JSON.stringify(item["lost_events"]))
        .sort();
    expect(lost(found)).toEqual(lost(given));
    const times = flows.map((item) => String(item["time"] ?? ""));
    expect(times).toEqual(times.toSorted((a, b) => Date.parse(a) - Date.parse(b)));

    // Hubble's number and direction, against the whole answer.
    const ids = (items: Json[]): string[] =>
      items.filter((item) => item["flow"]).map((item) => plain(item["flow"] as Json));
    const all = ids(found);
    expect(ids(await ask({ number: 3n }))).toEqual(all.slice(-3));
    expect(ids(await ask({ number: 3n, first: true }))).toEqual(all.slice(0, 3));
    expect(ids(await ask({ number: 150n }))).toEqual(all.slice(-150));
    expect(ids(await ask({ number: 150n, first: true }))).toEqual(all.slice(0, 150));
  });
});

describe.skipIf(!hasShared())("filters", () => {
  // Different enough that a filter takes a part of them.
  const names = new Set([
    "otel-basic-sample-10-flows.jsonl",
    "otel-basic-sample-348-http-flows.jsonl",
    "otel-basic-sample-5-dns-flows.jsonl",
    "otel-basic-sample-5-http-flows.jsonl",
    "cpg-mixed_tcp_icmp.jsonl",
    "cilium-docs-export.jsonl",
    "bakito-hubble.json",
  ]);

  it(`SEED=${seed}: the same subset as a naive reading of the golden lines`, async () => {
    const chosen = withGolden.filter((dump) => names.has(dump.name));
    expect(chosen).toHaveLength(names.size);
    await bring(...chosen.map((dump) => dump.path));
    const given = chosen.flatMap((dump) => ofGolden(dump.jsonpb ?? []));
    // A flow that several dumps hold is stored once.
    const distinct = new Map(
      given.flatMap(({ flow }) => (flow === undefined ? [] : [[plain(flow), flow as Json]])),
    );
    const flows = [...distinct.values()];
    const filter = arbitraryFilter(flows);
    const allows = fc.array(filter, { minLength: 1, maxLength: 2 });
    const denies = fc.array(filter, { maxLength: 1 });
    const covered = new Set<string>();
    let asked = 0;
    let parts = 0;
    const message = (one: Json) => fromJson(FlowFilterSchema, one);
    await fc.assert(
      fc.asyncProperty(allows, denies, async (allow, deny) => {
        const wanted = flows.filter((flow) => passes(flow, allow, deny)).map(plain);
        const found = await ask({ whitelist: allow.map(message), blacklist: deny.map(message) });
        const got = found.flatMap((item) => (item["flow"] ? [plain(item["flow"] as Json)] : []));
        expect(got.sort()).toEqual(wanted.sort());
        asked++;
        if (wanted.length > 0 && wanted.length < flows.length) parts++;
        for (const one of [...allow, ...deny])
          for (const field of Object.keys(one)) covered.add(field);
      }),
      { seed, numRuns: RUNS },
    );
    expect(asked).toBe(RUNS);
    expect(parts).toBeGreaterThan(RUNS / 3);
    expect([...covered].sort()).toEqual([...TWIN_FIELDS].sort());
  }, 400_000);
});
