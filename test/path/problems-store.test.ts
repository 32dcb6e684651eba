import { mkdirSync } from "node:fs";
import { type DropExplanation, formatTimeNs, LOCAL_VIEWER } from "@dropscope/model";
import {
  createCorrelatorStore,
  createProblemReader,
  folderLeader,
  leaseLeader,
  type LandedBatch,
  type ProblemRecord,
} from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CORRELATED_TABLES, forget } from "../kit/correlated.js";
import { cleanUp, scratchDir } from "../kit/run-cli.js";

// What the correlator writes, as its readers see it.

// Retention counts from the landing: what landed long ago is not kept.
const START = Math.floor(Date.now() / 60_000) * 60_000 - 7_200_000;
const minute = (n: number): number => START + n * 60_000;
const ns = (ms: number): bigint => BigInt(ms) * 1_000_000n;

let store: TestStore;

beforeAll(async () => {
  store = await startTestStore();
});
beforeEach(() => forget(store.client, CORRELATED_TABLES));
afterAll(async () => {
  await store.close();
  await cleanUp();
});

const explanation: DropExplanation = {
  uuid: "00000000-0000-4000-8000-000000000001",
  time: "2026-04-01T12:00:00Z",
  direction: "egress",
  outcome: "default-deny",
  selecting: [],
  denying: [],
  nearest: null,
  agreement: "cilium-silent",
  sentence: "It was dropped — „quoted” \u{1F600} \\ \u0007.",
  next: "",
  reason: "POLICY_DENIED",
  audited: false,
  change: null,
  places: [],
};

const names = { names: [], count: 0, sketch: [] };

function record(
  id: number,
  first: number,
  last: number,
  more: Partial<ProblemRecord> = {},
): ProblemRecord {
  return {
    id: id.toString(16).padStart(16, "0"),
    families: ["ffffffffffffffff"],
    outcome: "default-deny",
    reason: "POLICY_DENIED",
    direction: "egress",
    source: { kind: "workload", namespace: "web", name: "checkout" },
    destination: { kind: "workload", namespace: "shop", name: "db" },
    protocol: "TCP",
    port: 5432,
    policies: [],
    folded: "",
    firstNs: ns(first),
    lastNs: ns(last),
    first,
    last,
    episode: first,
    landedAt: last,
    pods: names,
    nodes: names,
    peers: names,
    agreement: "cilium-silent",
    explanation,
    change: null,
    samples: [],
    dns: [],
    ...more,
  };
}

let nextBatch = 1n;
function batchAt(landedAt: number): LandedBatch {
  nextBatch += 1n;
  return {
    id: nextBatch,
    minTimeNs: ns(landedAt),
    maxTimeNs: ns(landedAt),
    flows: 1,
    sealedAt: landedAt,
    storedAt: landedAt,
  };
}

/** Problems as they were seen at a moment. */
const readerAt = (now: number) => createProblemReader(store.client, { clock: { now: () => now } });

const known = () => createCorrelatorStore(store.client);

async function put(
  one: ProblemRecord,
  counts: readonly [at: number, drops: number, verdicts: number][],
): Promise<void> {
  await known().putProblems([one]);
  for (const [at, drops, verdicts] of counts)
    await known().addMinutes(batchAt(at), [{ problem: one.id, minute: at, drops, verdicts }]);
}

describe("problems", () => {
  test("states follow the clock, rates the last five whole minutes, and a packet that is told twice is one", async () => {
    await put(record(1, minute(0), minute(9)), [
      [minute(0), 100, 0],
      [minute(8), 20, 15],
      [minute(9), 5, 10],
    ]);
    const at = async (now: number) => {
      const [one] = await readerAt(now).problems({ viewer: LOCAL_VIEWER });
      return [one!.state, one!.count, one!.rate];
    };
    // 25 of the one and 25 of the other kind.
    expect(await at(minute(10) + 30_000)).toEqual(["new", 125, 5]);
    expect(await at(minute(16))).toEqual(["ongoing", 125, 0]);
    expect(await at(minute(24))).toEqual(["resolved", 125, 0]);
  });

  test("by state, namespace, outcome, range and number; what goes on comes first, then by rate", async () => {
    await put(record(1, minute(0), minute(1)), [[minute(1), 500, 0]]);
    await put(record(2, minute(0), minute(60)), [[minute(59), 3, 0]]);
    await put(record(3, minute(0), minute(60), { outcome: "not-policy" }), [[minute(59), 30, 0]]);
    await put(
      record(4, minute(0), minute(60), {
        source: { kind: "workload", namespace: "ops", name: "x" },
      }),
      [
        [minute(2), 9, 0],
        [minute(60), 1, 0],
      ],
    );
    const reader = readerAt(minute(61));
    const ids = async (query: object): Promise<number[]> =>
      (await reader.problems({ viewer: LOCAL_VIEWER, ...query })).map(({ id }) =>
        Number(`0x${id}`),
      );
    expect(await ids({})).toEqual([3, 2, 4, 1]);
    expect(await ids({ states: ["resolved"] })).toEqual([1]);
    expect(await ids({ states: ["ongoing", "back"] })).toEqual([3, 2, 4]);
    expect(await ids({ namespace: "ops" })).toEqual([4]);
    expect(await ids({ outcomes: ["not-policy"] })).toEqual([3]);
    expect(await ids({ limit: 2 })).toEqual([3, 2]);
    expect(await ids({ range: { since: ns(minute(0)), until: ns(minute(5)) } })).toEqual([4, 1]);
    const [early] = await reader.problems({
      viewer: LOCAL_VIEWER,
      namespace: "ops",
      range: { until: ns(minute(5)) },
    });
    expect(early).toMatchObject({ count: 9, rate: 1.8 });
  });

  test("one without counts (its batch was never done) is none", async () => {
    await known().putProblems([record(1, minute(0), minute(0))]);
    expect(await readerAt(minute(0)).problems({ viewer: LOCAL_VIEWER })).toEqual([]);
  });

  test.each(["", "x", "0", "zzzzzzzzzzzzzzzz", "0000000000000009", "' OR 1 = 1"])(
    "no problem %j",
    async (id) => {
      const reader = readerAt(minute(0));
      expect(await reader.problem(id, LOCAL_VIEWER)).toBeUndefined();
      expect(
        await reader.timeline(id, { viewer: LOCAL_VIEWER, since: 0n, until: 1n, stepMs: 1000 }),
      ).toBeUndefined();
      expect(await reader.flowsOf(id, { viewer: LOCAL_VIEWER, limit: 5 })).toEqual([]);
      expect(await reader.explanationOf(id, LOCAL_VIEWER)).toBeUndefined();
    },
  );

  test("a snapshot comes back as it was written, whatever stands in it", async () => {
    const one = record(255, minute(0), minute(1), {
      policies: [{ kind: "NetworkPolicy", namespace: "web", name: "p\ud800\u0000'\"\\" }],
      samples: [{ uuid: explanation.uuid, timeNs: 2n ** 62n }],
      pods: { names: ["web/a"], count: 1, sketch: [1, 2 ** 47] },
    });
    await known().putProblems([one]);
    const [back] = await known().records([one.id]);
    expect(back).toEqual({
      ...one,
      policies: [{ kind: "NetworkPolicy", namespace: "web", name: "p\ud800\u0000'\"\\" }],
    });
    expect(await known().index()).toEqual([{ id: one.id, families: one.families }]);
  });
});

describe("explained flows", () => {
  test("come back with their problem, the newest first, page by page; a second insert adds none", async () => {
    const batch = batchAt(minute(3));
    const rows = [1, 2, 3].map((number) => ({
      batch: batch.id,
      timeNs: ns(minute(number)),
      uuid: `00000000-0000-4000-8000-00000000000${number}`,
      problem: "00000000000000ab",
      told: number === 2 ? ("verdict" as const) : ("drop" as const),
      weight: 1,
      outcome: explanation.outcome,
      agreement: explanation.agreement,
      sourceNamespace: "web",
      destinationNamespace: "shop",
      pod: "web/checkout-0",
      peer: "shop/db-0",
      node: "node-1",
      explanation: JSON.stringify({ ...explanation, uuid: undefined, time: undefined }),
    }));
    await known().addExplanations([{ batch, rows }]);
    await known().addExplanations([{ batch, rows: rows.slice(0, 1) }]);
    expect(await known().explained([batch])).toEqual(expect.arrayContaining(rows));
    const reader = readerAt(minute(4));
    const query = { viewer: LOCAL_VIEWER, limit: 2 };
    const first = await reader.flowsOf("00000000000000ab", query);
    expect(first.map(({ uuid }) => uuid.at(-1))).toEqual(["3", "2"]);
    const next = await reader.flowsOf("00000000000000ab", { ...query, before: first[1]!.timeNs });
    expect(next.map(({ uuid }) => uuid.at(-1))).toEqual(["1"]);
    expect(await reader.explanationOf(rows[0]!.uuid, LOCAL_VIEWER)).toEqual({
      uuid: rows[0]!.uuid,
      timeNs: ns(minute(1)),
      problem: "00000000000000ab",
      explanation: { ...explanation, uuid: rows[0]!.uuid, time: formatTimeNs(ns(minute(1))) },
    });
  });
});

describe("who leads", () => {
  test("a folder has one leader; who held it lets another one in, dead or alive", async () => {
    const dir = scratchDir();
    mkdirSync(dir, { recursive: true });
    const [first, second] = [folderLeader(dir), folderLeader(dir)];
    expect(await first.tryLead()).toBe(true);
    expect(await second.tryLead()).toBe(false);
    expect(await first.tryLead()).toBe(true);
    await first.release();
    expect(await second.tryLead()).toBe(true);
    await second.release();
  });

  test("a server has one leader: the first that asked, for as long as it renews its lease", async () => {
    let late = 0;
    const clock = { now: () => Date.now() + late, after: realTimer };
    const [first, second] = [leaseLeader(store.client), leaseLeader(store.client, { clock })];
    expect(await first.tryLead()).toBe(true);
    expect(await second.tryLead()).toBe(false);
    late = 3_000;
    expect(await second.tryLead()).toBe(false);
    expect(await first.tryLead()).toBe(true);
    await first.release();
    late = 6_000;
    expect(await second.tryLead()).toBe(true);
    expect(await first.tryLead()).toBe(false);
    await second.release();
    await first.release();
  });

  test("of several at once, one", async () => {
    const all = Array.from({ length: 5 }, () => leaseLeader(store.client));
    const led = await Promise.all(all.map((one) => one.tryLead()));
    expect(led.filter(Boolean)).toHaveLength(1);
    for (const one of all) await one.release();
  });

  test("who was dead for longer than its lease is followed by another", async () => {
    const [dead, next] = [leaseLeader(store.client), leaseLeader(store.client)];
    expect(await dead.tryLead()).toBe(true);
    await store.client.command(
      "INSERT INTO correlator_state (name, version, value, written_at) SELECT name, version + 1, value, now64(3, 'UTC') - 60 FROM correlator_state FINAL",
    );
    await store.client.command("OPTIMIZE TABLE correlator_state FINAL");
    expect(await next.tryLead()).toBe(true);
    await next.release();
  });
});

function realTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

test("retention reaches what the correlator knows", async () => {
  const rows = await store.client.query<{ name: string; ddl: string }>(
    "SELECT name, create_table_query AS ddl FROM system.tables WHERE database = currentDatabase()",
  );
  for (const table of CORRELATED_TABLES)
    expect(rows.find(({ name }) => name === table)?.ddl, table).toMatch(
      /TTL .*toIntervalDay\((30|90)\)/,
    );
});
