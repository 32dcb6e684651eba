// Few flows are read at once where they lie near the end of a range, and looked for where they do
// not: whatever the distances, the answer is that of a sorted list.
import { EVERYTHING, LOCAL_VIEWER, type Flow, type FlowSelection } from "@dropscope/model";
import { createFlowBlocks, createReader, newBatchId } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clickhouseTime, RowWriter } from "../kit/flow-rows.js";

const seed = Number(process.env["SEED"] ?? 20261124);
const MINUTE_NS = 60_000_000_000n;
const START_NS = BigInt(Date.parse("2026-04-01T12:00:30Z")) * 1_000_000n;
/** Distances to the flow before: the same moment, within a minute, around five, hours, days. */
const STEPS = [
  0n,
  0n,
  1n,
  1_000_000_000n,
  MINUTE_NS,
  5n * MINUTE_NS - 1n,
  5n * MINUTE_NS,
  5n * MINUTE_NS + 1n,
];
const LONG_STEPS = [59n * MINUTE_NS, 61n * MINUTE_NS, 3_000n * MINUTE_NS];

interface Told {
  readonly ns: bigint;
  readonly uuid: string;
  readonly pod: string;
}

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

const told: Told[] = fc
  .sample(
    fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...STEPS) }, fc.constantFrom(...LONG_STEPS)),
    {
      seed,
      numRuns: 400,
    },
  )
  .reduce<Told[]>((list, step, n) => {
    const ns = (list.at(-1)?.ns ?? START_NS) + step;
    return [...list, { ns, uuid: uuid(n + 1), pod: n % 40 === 0 ? "rare-1" : "often-1" }];
  }, []);

let store: TestStore;

beforeAll(async () => {
  store = await startTestStore();
  const writer = new RowWriter(newBatchId(Date.now()));
  for (const { ns, uuid: id, pod } of told)
    writer.add({
      time: stamp(ns),
      uuid: id,
      verdict: "FORWARDED",
      source: { namespace: "web", pod_name: pod },
    } satisfies Flow);
  await writer.insert(store.client);
  // A loss here and there, and an outage that nothing closes.
  const gaps = [50, 200, 350].map((at, n) => ({
    time: clickhouseTime(stamp(told[at]?.ns ?? 0n)),
    batch: 1,
    stored_on: new Date().toISOString().slice(0, 10),
    id: uuid(n + 1),
    node: "n1",
    cause: n === 1 ? "node-error" : "hubble-ring",
    source: n === 1 ? -1 : 3,
    count: 5,
    lost_from: null,
    lost_to: null,
    cpu: null,
    message: "",
  }));
  await store.client.insertRows("gaps", gaps, "gaps");
});
afterAll(() => store.close());

function stamp(ns: bigint): string {
  const whole = new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19);
  return `${whole}.${String(ns % 1_000_000_000n).padStart(9, "0")}Z`;
}

const SELECTIONS: Record<string, FlowSelection> = {
  all: EVERYTHING,
  rare: { allow: [{ source_pod: ["web/rare"] }], deny: [] },
  none: { allow: [{ source_pod: ["web/nobody"] }], deny: [] },
};

const moment = fc.option(
  fc
    .tuple(fc.nat(told.length - 1), fc.constantFrom(-5n * MINUTE_NS, -1n, 0n, 1n, 5n * MINUTE_NS))
    .map(([at, off]) => (told[at]?.ns ?? 0n) + off),
  { nil: undefined },
);

const question = fc.record({
  since: moment,
  until: moment,
  count: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constantFrom(100, 399, 1_000, 1_001)),
  who: fc.constantFrom("all", "rare", "none"),
});

function twin(since: bigint | undefined, until: bigint | undefined, who: string): Told[] {
  return told.filter(
    ({ ns, pod }) =>
      (since === undefined || ns >= since) &&
      (until === undefined || ns <= until) &&
      (who === "all" || (who === "rare" && pod === "rare-1")),
  );
}

const ends = (since: bigint | undefined, until: bigint | undefined) => ({
  ...(since === undefined ? {} : { since }),
  ...(until === undefined ? {} : { until }),
});

const SETTINGS = { seed, numRuns: 60 };

test(`SEED=${seed}: the first and the last N, whatever lies between`, async () => {
  const blocks = createFlowBlocks(store.client, { windowRows: 70, blockRows: 30 });
  const reader = createReader(store.client);
  let quiet = 0;
  await fc.assert(
    fc.asyncProperty(question, fc.boolean(), async ({ since, until, count, who }, first) => {
      const open = await blocks.open({
        viewer: LOCAL_VIEWER,
        selection: SELECTIONS[who] ?? EVERYTHING,
        ...ends(since, until),
        ...(first ? { first: count } : { last: count }),
      });
      const found: string[] = [];
      for await (const block of open.blocks())
        for (let row = block.from; row < block.to; row++) found.push(block.flowAt(row)?.uuid ?? "");
      const all = twin(since, until, who);
      const wanted = first ? all.slice(0, count) : count === 0 ? [] : all.slice(-count);
      expect(found).toEqual(wanted.map((one) => one.uuid));
      if (wanted.length > 0) {
        if (!first) expect(open.losses).toEqual(ends(wanted[0]?.ns, until));
        else expect(open.losses).toEqual(ends(since, wanted.at(-1)?.ns));
      }
      if (!open.quiet) return;
      quiet += 1;
      expect(await reader.gaps(open.losses)).toEqual([]);
      for await (const loss of blocks.losses(open.losses)) expect(loss).toBeUndefined();
    }),
    SETTINGS,
  );
  expect(quiet).toBeGreaterThan(0);
});

test(`SEED=${seed}: pages, each behind the one before`, async () => {
  const reader = createReader(store.client);
  await fc.assert(
    fc.asyncProperty(question, async ({ since, until, count, who }) => {
      const limit = Math.max(1, count);
      const wanted = twin(since, until, who)
        .map((one) => one.uuid)
        .toReversed();
      const found: string[] = [];
      let cursor: string | undefined;
      let pages = 0;
      do {
        const answer = await reader.page({
          viewer: LOCAL_VIEWER,
          selection: SELECTIONS[who] ?? EVERYTHING,
          ...ends(since, until),
          limit,
          ...(cursor === undefined ? {} : { cursor }),
        });
        expect(answer.rows.length).toBeLessThanOrEqual(limit);
        found.push(...answer.rows.map((row) => row.uuid));
        cursor = answer.next;
        pages += 1;
      } while (cursor !== undefined && pages < 8);
      expect(found).toEqual(wanted.slice(0, cursor === undefined ? undefined : found.length));
    }),
    SETTINGS,
  );
});
