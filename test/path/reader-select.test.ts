import { compileSelection, cutFlow, type Flow, type ObservedItem } from "@dropscope/model";
import { createReader, newBatchId, type FlowReader } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import * as fc from "fast-check";
import { RE2JS } from "re2js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arbitraryFlow, arbitrarySelection, arbitraryViewer } from "../kit/arbitrary-flows.js";
import { RowWriter } from "../kit/flow-rows.js";

const seed = Number(process.env["SEED"] ?? 20260401);
const regex = (pattern: string): { test(text: string): boolean } => {
  const compiled = RE2JS.compile(pattern);
  return { test: (text) => compiled.matcher(text).find() };
};

let store: TestStore;
let reader: FlowReader;
let flows: Flow[];

beforeAll(async () => {
  store = await startTestStore();
  reader = createReader(store.client);
  flows = fc.sample(arbitraryFlow, { seed, numRuns: 800 });
  const writer = new RowWriter(newBatchId(Date.now()));
  for (const flow of flows) writer.add(flow);
  await writer.insert(store.client);
});

afterAll(() => store.close());

async function collect(items: AsyncIterable<ObservedItem>): Promise<Flow[]> {
  const found: Flow[] = [];
  for await (const item of items) if (item.flow !== undefined) found.push(item.flow);
  return found;
}

const byId = (list: readonly Flow[]): Map<string, Flow> =>
  new Map(list.map((flow) => [flow.uuid ?? "", flow]));

describe(`SEED=${seed}`, () => {
  it("rebuilds every flow as it was sent", async () => {
    const viewer = { name: "local", namespaces: "all", seesL7: true } as const;
    const found = await collect(reader.observe({ viewer, selection: { allow: [], deny: [] } }));
    expect(found).toHaveLength(flows.length);
    const stored = byId(found);
    for (const flow of flows) expect(stored.get(flow.uuid ?? "")).toEqual(flow);
    const times = found.map((flow) => flow.time ?? "");
    expect(times).toEqual([...times].sort());
  });

  it("S13: selects and cuts as the model does, for every viewer", async () => {
    let matched = 0;
    await fc.assert(
      fc.asyncProperty(arbitrarySelection, arbitraryViewer, async (selection, viewer) => {
        const passes = compileSelection(selection, { regex });
        const expected = flows
          .map((flow) => cutFlow(flow, viewer))
          .filter((flow): flow is Flow => flow !== undefined && passes(flow));
        const found = byId(await collect(reader.observe({ viewer, selection })));
        expect([...found.keys()].sort()).toEqual([...byId(expected).keys()].sort());
        for (const flow of expected) expect(found.get(flow.uuid ?? "")).toEqual(flow);
        matched += expected.length;
      }),
      { seed, numRuns: Number(process.env["RUNS"] ?? 100), endOnFailure: false },
    );
    expect(matched).toBeGreaterThan(400);
  });
});
