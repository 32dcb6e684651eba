import { fromBinary, toJson } from "@bufbuild/protobuf";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import { EVERYTHING, LOCAL_VIEWER, type Flow } from "@dropscope/model";
import { createFlowEncoder } from "@dropscope/observer";
import { createFlowBlocks, newBatchId, type FlowBlock } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { arbitraryFlow } from "../kit/arbitrary-flows.js";
import { RowWriter } from "../kit/flow-rows.js";
import type { Json } from "../kit/json.js";

const seed = Number(process.env["SEED"] ?? 20261123);
let store: TestStore;
let flows: Flow[];
let blocks: FlowBlock[];

/** Without what lands in `rest`. */
function common(flow: Flow): Flow {
  const { file: _, tunnel: __, extensions: ___, ...kept } = flow as Flow & Json;
  const copy = structuredClone(kept) as Flow & Json;
  for (const end of [copy["source"], copy["destination"]])
    if (end?.workloads !== undefined) end.workloads = end.workloads.slice(0, 1);
  if (copy["l7"]?.kafka !== undefined) delete copy["l7"].kafka;
  for (const name of ["VRRP", "IGMP"])
    if ((copy["l4"] as Json | undefined)?.[name] !== undefined) copy["l4"] = {};
  return copy;
}

beforeAll(async () => {
  store = await startTestStore();
  const all = fc.sample(arbitraryFlow, { seed, numRuns: 3_000 });
  // A third as they come; of the others, what no column holds is taken out.
  flows = all.map((flow, at) => (at % 3 === 0 ? flow : common(flow)));
  const writer = new RowWriter(newBatchId(Date.now()));
  for (const flow of flows) writer.add(flow);
  await writer.insert(store.client);
  const reader = createFlowBlocks(store.client, { windowRows: 700, blockRows: 300 });
  const open = await reader.open({ viewer: LOCAL_VIEWER, selection: EVERYTHING });
  blocks = [];
  for await (const block of open.blocks()) blocks.push(block);
});

afterAll(() => store.close());

test(`SEED=${seed}: bytes made from columns are the bytes that the flow makes`, () => {
  const fast = createFlowEncoder(LOCAL_VIEWER, undefined);
  // A mask that takes nothing away: the flow is made first.
  const slow = createFlowEncoder(LOCAL_VIEWER, (flow) => flow);
  const json = (bytes: Uint8Array | undefined): unknown =>
    toJson(GetFlowsResponseSchema, fromBinary(GetFlowsResponseSchema, bytes ?? new Uint8Array()), {
      useProtoFieldName: true,
    });
  let rows = 0;
  let alone = 0;
  for (const block of blocks) {
    fast.start(block);
    slow.start(block);
    for (let row = block.from; row < block.to; row++) {
      const got = Buffer.from(fast.flow(row) ?? []);
      const wanted = Buffer.from(slow.flow(row) ?? []);
      if (!got.equals(wanted)) expect(json(got)).toEqual(json(wanted));
      expect(got.equals(wanted)).toBe(true);
      rows++;
      const rest = block.column("rest");
      if (rest.kind === "texts" && rest.starts[row] === rest.ends[row]) alone++;
    }
  }
  expect(rows).toBe(flows.length);
  expect(blocks.length).toBeGreaterThan(10);
  expect(alone).toBeGreaterThan(flows.length / 2);
});
