import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDecoder, createFeed, createRecentIds, importFiles } from "@dropscope/ingester";
import { EVERYTHING, LOCAL_VIEWER, systemClock, type ObservedItem } from "@dropscope/model";
import { createReader, createStoredIds, openStore, type Store } from "@dropscope/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasShared, SHARED } from "../kit/shared.js";

const folder = mkdtempSync(join(tmpdir(), "dropscope-known-"));
let store: Store;

beforeAll(async () => {
  store = openStore({ dataDir: join(folder, "data"), requireStore: true });
  await store.start();
});

afterAll(async () => {
  await store.stop(10_000);
  rmSync(folder, { recursive: true, force: true });
});

async function bring(path: string, known = createStoredIds(store.client)) {
  const feed = createFeed({
    door: store.door,
    decoder: createDecoder(),
    recentIds: createRecentIds({ maxBytes: 1 << 20 }),
    clock: systemClock,
  });
  const summary = await importFiles({ inputs: [path], feed, known });
  await feed.stop(10_000);
  await store.drained();
  return summary;
}

async function observed(): Promise<ObservedItem[]> {
  const items: ObservedItem[] = [];
  const query = { viewer: LOCAL_VIEWER, selection: EVERYTHING };
  for await (const item of createReader(store.client).observe(query)) items.push(item);
  return items;
}

function dump(name: string, flows: object[]): string {
  const path = join(folder, name);
  writeFileSync(path, flows.map((flow) => `${JSON.stringify(flow)}\n`).join(""));
  return path;
}

describe("what is stored is not stored again", () => {
  const flows = Array.from({ length: 700 }, (_, n) => ({
    // Without a time, far apart in time, and many in one second.
    ...(n % 50 === 0 ? {} : { time: `20${10 + (n % 7)}-01-0${1 + (n % 5)}T00:00:01Z` }),
    verdict: "DROPPED",
    Summary: `flow ${n >> 1}`,
    ...(n % 3 === 0 ? { uuid: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` } : {}),
  }));

  it("by reading the range, and by looking up the ids", async () => {
    const path = dump("mixed.jsonl", flows);
    expect(await bring(path)).toMatchObject({ stored: 700, repeated: 0 });
    expect(await observed()).toHaveLength(700);
    for (const readAtMost of [1_000_000, 0]) {
      const known = createStoredIds(store.client, { readAtMost });
      expect(await bring(path, known)).toMatchObject({ stored: 0, repeated: 700 });
    }
    const more = dump("more.jsonl", [...flows, { ...flows[1], Summary: "new" }]);
    const known = createStoredIds(store.client, { readAtMost: 0 });
    expect(await bring(more, known)).toMatchObject({ stored: 1, repeated: 700 });
    expect(await observed()).toHaveLength(701);
  });
});

describe.skipIf(!hasShared())("streams recorded from a real relay", () => {
  it.each(["relay-3nodes-follow-last4-node-killed.jsonl", "agent-lost-events.jsonl"])(
    "%s",
    async (name) => {
      for (const table of ["flows", "gaps"]) await store.client.command(`TRUNCATE TABLE ${table}`);
      const path = join(SHARED, "flows", "recorded", name);
      const lines = readFileSync(path, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as object);
      const count = (key: string): number => lines.filter((line) => key in line).length;
      const summary = await bring(path);
      expect(summary.files[0]?.error).toBeUndefined();
      expect(summary).toMatchObject({
        read: count("flow"),
        rejected: 0,
        losses: count("lost_events"),
        nodeStatus: count("node_status"),
        foreign: 0,
        textLines: 0,
      });
      const items = await observed();
      expect(items.filter((item) => item.flow)).toHaveLength(summary.stored);
      // What the relay sent of losses comes back word for word.
      expect(items.filter((item) => item.lost_events)).toEqual(
        lines.filter((line) => "lost_events" in line),
      );
      expect(await bring(path)).toMatchObject({ stored: 0, losses: 0 });
    },
  );

  it.each(["relay-nodes.json", "relay-namespaces.json", "relay-server-status.json"])(
    "%s holds no flows, and that is said",
    async (name) => {
      const { files } = await bring(join(SHARED, "flows", "recorded", name));
      expect(files[0]?.error).toMatchObject({ code: "NOT_FLOWS", exitCode: 65 });
    },
  );
});
