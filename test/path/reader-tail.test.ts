import { EVERYTHING, LOCAL_VIEWER, type Flow } from "@dropscope/model";
import { createReader, newBatchId, type FlowReader, type TailCursor } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { clickhouseTime, RowWriter } from "../kit/flow-rows.js";

const seed = Number(process.env["SEED"] ?? 7);
const DAY = "2026-04-01";

let store: TestStore;
let reader: FlowReader;

beforeAll(async () => {
  store = await startTestStore();
  reader = createReader(store.client);
});
afterAll(() => store.close());
beforeEach(async () => {
  for (const table of ["flows", "batches", "drops_1m", "edges_1m"])
    await store.client.command(`TRUNCATE TABLE ${table}`);
});

let minted = 0;
function mint(second: number, more: Partial<Flow> = {}): Flow {
  minted += 1;
  const uuid = `00000000-0000-4000-8000-${String(minted).padStart(12, "0")}`;
  const time = `${DAY}T12:00:${String(second % 60).padStart(2, "0")}.000000001Z`;
  return {
    time,
    uuid,
    verdict: "DROPPED",
    drop_reason_desc: "POLICY_DENIED",
    event_type: { type: 1, sub_type: 133 },
    source: { namespace: "web" },
    ...more,
  };
}

/** The rows of a batch; its ledger row is written apart, as the delivery loop does. */
async function putRows(id: bigint, flows: readonly Flow[]): Promise<void> {
  const writer = new RowWriter(id);
  for (const flow of flows) writer.add(flow);
  await writer.insert(store.client);
}

async function putLedger(id: bigint, flows: number, storedAt?: string): Promise<void> {
  const time = `${DAY} 12:00:00`;
  const row = {
    batch: String(id),
    writer: "test",
    flows,
    bytes: 1,
    min_time: time,
    max_time: `${DAY} 12:01:00`,
    sealed_at: time,
  };
  await store.client.insertRows(
    "batches",
    [storedAt === undefined ? row : { ...row, stored_at: storedAt }],
    String(id),
  );
}

/** A time near now: the ledger forgets old rows by itself. */
function stamp(ms: number): string {
  return clickhouseTime(new Date(ms).toISOString());
}

async function uuidsOf(cursor: TailCursor): Promise<{ cursor: TailCursor; uuids: string[] }> {
  const step = await reader.tail(cursor);
  const { flows, matched } = await reader.landed(step.batches, {
    viewer: LOCAL_VIEWER,
    selection: EVERYTHING,
    rows: 10_000,
  });
  expect(flows).toHaveLength(matched);
  return { cursor: step.cursor, uuids: flows.map((row) => row.uuid) };
}

describe(`tail, SEED=${seed}`, () => {
  it("an empty store, then a batch", async () => {
    const start = await reader.end();
    expect((await reader.tail(start)).batches).toEqual([]);
    const id = newBatchId(Date.now());
    await putRows(id, [mint(1), mint(2, { verdict: "FORWARDED" })]);
    expect(
      (await reader.tail(start)).batches,
      "rows without a ledger row are not there yet",
    ).toEqual([]);
    await putLedger(id, 2);
    const step = await reader.tail(start);
    expect(step.flows).toBe(2);
    expect(step.batches[0]).toMatchObject({
      id,
      flows: 2,
      minTimeNs: BigInt(Date.parse(`${DAY}T12:00:00Z`)) * 1_000_000n,
    });
    const landed = await reader.landed(step.batches, {
      viewer: LOCAL_VIEWER,
      selection: EVERYTHING,
      rows: 1,
    });
    expect(landed.matched).toBe(2);
    expect(landed.drops).toEqual([[Date.parse(`${DAY}T12:00:01Z`), "POLICY_DENIED", 1]]);
    expect(landed.verdicts).toEqual([
      { verdict: "FORWARDED", count: 1 },
      { verdict: "DROPPED", count: 1 },
    ]);
    expect(landed.flows.map((row) => row.verdict)).toEqual(["FORWARDED"]);
    expect((await reader.tail(step.cursor)).batches).toEqual([]);
  });

  it("starts behind what was there", async () => {
    const id = newBatchId(Date.now());
    await putRows(id, [mint(1)]);
    await putLedger(id, 1);
    const start = await reader.end();
    expect((await reader.tail(start)).batches).toEqual([]);
    const next = newBatchId(Date.now());
    await putRows(next, [mint(2)]);
    await putLedger(next, 1);
    expect((await reader.tail(start)).batches.map((batch) => batch.id)).toEqual([next]);
  });

  it("gives every row exactly once, whatever order two writers and late batches come in", async () => {
    const action = fc.record({
      writer: fc.constantFrom("a", "b"),
      flows: fc.integer({ min: 1, max: 3 }),
      /** ms that the ledger row's time lies behind the moment at which it becomes visible. */
      late: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9000 })),
      /** Does the reader look after this one? Does it restart from its saved cursor? */
      look: fc.constantFrom("no", "yes", "restart"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 12 }), async (actions) => {
        for (const table of ["flows", "batches"])
          await store.client.command(`TRUNCATE TABLE ${table}`);
        let cursor = await reader.end();
        const expected: string[] = [];
        const given: string[] = [];
        let now = Date.now();
        for (const step of actions) {
          now += 1500;
          const id = newBatchId(now);
          const flows = Array.from({ length: step.flows }, (_, at) => mint(at));
          expected.push(...flows.map((flow) => flow.uuid ?? ""));
          await putRows(id, flows);
          await putLedger(id, flows.length, stamp(now - step.late));
          if (step.look === "no") continue;
          const from =
            step.look === "restart" ? (JSON.parse(JSON.stringify(cursor)) as TailCursor) : cursor;
          const got = await uuidsOf(from);
          cursor = got.cursor;
          given.push(...got.uuids);
        }
        given.push(...(await uuidsOf(cursor)).uuids);
        expect(given.sort()).toEqual(expected.sort());
      }),
      { seed, numRuns: Number(process.env["RUNS"] ?? 6) },
    );
  });

  it("without the look back, a late batch is lost (negative control)", async () => {
    const early = newBatchId(Date.now());
    const late = newBatchId(Date.now());
    await putRows(early, [mint(1)]);
    await putRows(late, [mint(2)]);
    const start = await reader.end();
    const now = Date.now();
    await putLedger(early, 1, stamp(now + 5000));
    const { cursor } = await reader.tail(start);
    await putLedger(late, 1, stamp(now + 4000));
    const blind = await store.client.query<{ batch: string }>(
      "SELECT batch FROM batches WHERE toUnixTimestamp64Nano(stored_at) > {at:Int64}",
      { at: BigInt(cursor.storedAt) },
    );
    expect(blind).toEqual([]);
    expect((await reader.tail(cursor)).batches.map((batch) => batch.id)).toEqual([late]);
  });

  it("asOf shows exactly what the tail will not", async () => {
    const old = newBatchId(Date.now());
    await putRows(old, [mint(1)]);
    await putLedger(old, 1, stamp(Date.now()));
    const asOf = await reader.end();
    const [late, open] = [newBatchId(Date.now()), newBatchId(Date.now())];
    await putRows(late, [mint(2)]);
    await putLedger(late, 1, stamp(Date.now() - 5000));
    await putRows(open, [mint(3)]);
    const question = { viewer: LOCAL_VIEWER, selection: EVERYTHING };
    const shown = await reader.page({ ...question, asOf, limit: 10 });
    const told = await uuidsOf(asOf);
    expect(shown.rows).toHaveLength(1);
    expect(told.uuids).toHaveLength(1);
    expect(told.uuids).not.toContain(shown.rows[0]?.uuid);
    expect((await reader.page({ ...question, limit: 10 })).rows).toHaveLength(3);
    expect(await reader.verdicts({ ...question, asOf })).toEqual([
      { verdict: "DROPPED", count: 1 },
    ]);
    const drops = await reader.drops({ ...question, asOf, stepMs: 60_000 });
    expect(drops.series).toEqual([{ key: "POLICY_DENIED", counts: [1] }]);
    expect((await reader.edges({ ...question, asOf, limit: 10 }))[0]?.count).toBe(1);
  });

  it("more batches than one step takes", async () => {
    const start = await reader.end();
    const rows = Array.from({ length: 600 }, () => ({
      batch: String(newBatchId(Date.now())),
      writer: "w",
      flows: 0,
      bytes: 0,
      min_time: 0,
      max_time: 0,
      sealed_at: 0,
    }));
    await store.client.insertRows("batches", rows, "many");
    let cursor = start;
    const ids: bigint[] = [];
    for (let step = 0; step < 4; step++) {
      const got = await reader.tail(cursor);
      ids.push(...got.batches.map((batch) => batch.id));
      cursor = got.cursor;
    }
    expect(new Set(ids).size).toBe(600);
    expect(ids).toHaveLength(600);
  });
});
