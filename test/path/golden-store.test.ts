import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPrinter, type Output } from "@dropscope/cli/observe";
import {
  createDecoder,
  createFeed,
  createRecentIds,
  importFiles,
  type ImportSummary,
} from "@dropscope/ingester";
import { EVERYTHING, LOCAL_VIEWER, systemClock } from "@dropscope/model";
import { createReader, createStoredIds, openStore, type Store } from "@dropscope/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dumps, hasShared } from "../kit/shared.js";

const folder = mkdtempSync(join(tmpdir(), "dropscope-golden-"));
let store: Store;

beforeAll(async () => {
  store = openStore({ dataDir: folder, requireStore: true });
  await store.start();
});

afterAll(async () => {
  await store.stop(10_000);
  rmSync(folder, { recursive: true, force: true });
});

async function empty(): Promise<void> {
  for (const table of ["flows", "gaps"]) await store.client.command(`TRUNCATE TABLE ${table}`);
}

/** One run of `dropscope import`: a feed and a memory of its own. */
async function bring(inputs: string[]): Promise<ImportSummary> {
  const feed = createFeed({
    door: store.door,
    decoder: createDecoder(),
    recentIds: createRecentIds({ maxBytes: 1 << 20 }),
    clock: systemClock,
  });
  const summary = await importFiles({ inputs, feed, known: createStoredIds(store.client) });
  await feed.stop(10_000);
  await store.drained();
  return summary;
}

async function observe(output: Output): Promise<string[]> {
  let text = "";
  const printer = createPrinter({ output, write: (piece) => (text += piece) });
  const query = { viewer: LOCAL_VIEWER, selection: EVERYTHING };
  for await (const item of createReader(store.client).observe(query)) printer.item(item);
  printer.close();
  return text.split("\n").slice(0, -1);
}

function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withSortedKeys(inner)]));
}

const comparable = (lines: string[]): string[] =>
  lines.map((line) => JSON.stringify(withSortedKeys(JSON.parse(line)))).sort();

describe.skipIf(!hasShared())("a real dump, imported into an empty store and observed", () => {
  it.each(dumps().map((dump) => [dump.name, dump] as const))("%s", async (_name, dump) => {
    await empty();
    const first = await bring([dump.path]);
    expect(first).toMatchObject({ stored: dump.flows, losses: dump.lostEvents });
    expect(first.files[0]?.error).toBeUndefined();

    const compact = await observe("compact");
    expect(compact.toSorted()).toEqual(dump.compact.toSorted());
    const jsonpb = await observe("jsonpb");
    if (dump.jsonpb !== undefined) expect(comparable(jsonpb)).toEqual(comparable(dump.jsonpb));
    const times = jsonpb.map((line) => (JSON.parse(line) as { time?: string }).time ?? "");
    expect(times).toEqual(times.toSorted((a, b) => Date.parse(a) - Date.parse(b)));

    const again = await bring([dump.path]);
    expect(again).toMatchObject({ stored: 0, losses: 0, repeated: dump.flows });
    expect((await observe("compact")).toSorted()).toEqual(dump.compact.toSorted());
  });

  it("all of them at once hold each flow once, and a second time adds nothing", async () => {
    await empty();
    const paths = dumps().map(({ path }) => path);
    const first = await bring(paths);
    const lines = (await observe("compact")).length;
    expect(lines).toBe(first.stored + first.losses);
    expect(await bring([...paths].reverse())).toMatchObject({ stored: 0, losses: 0 });
    expect(await observe("compact")).toHaveLength(lines);
  });
});
