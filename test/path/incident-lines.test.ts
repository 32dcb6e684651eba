import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { create, toJson } from "@bufbuild/protobuf";
import { FlowSchema } from "@dropscope/hubble";
import { createDecoder, createFeed, createRecentIds, importFiles } from "@dropscope/ingester";
import { EVERYTHING, type Flow, systemClock } from "@dropscope/model";
import { type BundledItem, createBundleReader, openStore, type Store } from "@dropscope/store";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { arbitraryFlow } from "../kit/arbitrary-flows.js";
import { messageInit } from "../kit/flow-arbitrary.js";

// Lines of a bundle are written without making the flows; they must say what the flows say.

let store: Store;
const folder = mkdtempSync(join(tmpdir(), "dropscope-lines-"));

beforeAll(async () => {
  store = openStore({ dataDir: join(folder, "data"), requireStore: true });
  await store.start();
});
afterAll(async () => {
  await store.stop(10_000);
  rmSync(folder, { recursive: true, force: true });
});

/** Flows with every field of the wire contract, strange ones too, by the road of every import. */
async function bring(lines: readonly string[]): Promise<void> {
  const feed = createFeed({
    door: store.door,
    decoder: createDecoder(),
    recentIds: createRecentIds(),
    clock: systemClock,
  });
  await importFiles({ inputs: ["-"], stdin: Readable.from([lines.join("\n")]), feed });
  await feed.stop(10_000);
  await store.drained();
}

const WRITER = {
  field: (key: string, value: unknown): string => `"${key}":${JSON.stringify(value)}`,
  whole: (flow: Flow): string => JSON.stringify(flow),
};

test("lines and flows say the same, whatever the flows are", async () => {
  const flows = fc.sample(messageInit(FlowSchema), { numRuns: 800, seed: 7 }).map((init) => {
    const message = create(FlowSchema, init as object);
    // Of a type that nobody knows, which JSON cannot tell.
    delete message.extensions;
    return toJson(FlowSchema, message, { useProtoFieldName: true });
  });
  const simple = fc.sample(arbitraryFlow, { numRuns: 800, seed: 7 });
  await bring([...flows, ...simple].map((flow) => JSON.stringify({ flow })));
  const reader = createBundleReader(store.client);
  const query = { since: -(2n ** 62n), until: 2n ** 62n, selection: EVERYTHING };
  const items: BundledItem[] = [];
  for await (const some of reader.items(query)) items.push(...some);
  expect(items.length).toBeGreaterThan(800);
  let at = 0;
  for await (const some of reader.lines(query, WRITER))
    for (const line of some) {
      const item = items[at++];
      if (item === undefined || !("flow" in item) || !("text" in line)) throw new Error("no flow");
      const flow = { ...item.flow, uuid: item.id };
      const { node_name, time } = flow;
      const envelope = {
        ...(node_name === undefined ? {} : { node_name }),
        ...(time === undefined ? {} : { time }),
      };
      expect(JSON.parse(line.text)).toEqual(JSON.parse(JSON.stringify({ flow, ...envelope })));
      expect(line.text.endsWith("}\n")).toBe(true);
      expect(line.whole()).toEqual(flow);
    }
  expect(at).toBe(items.length);
});
