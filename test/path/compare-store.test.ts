import {
  compileSelection,
  DROP_REASONS,
  type Endpoint,
  enumName,
  EVERYTHING,
  type Flow,
  LOCAL_VIEWER,
  parseFilterLine,
  parseTimeNs,
  VERDICTS,
  type Viewer,
} from "@dropscope/model";
import {
  type CompareQuery,
  type CompareReader,
  createCompareReader,
  fitsEdges,
  newBatchId,
} from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareTwin, type TwinRange } from "../kit/compare-twin.js";
import { RowWriter } from "../kit/flow-rows.js";

// Two ranges side by side, held against a twin that looks at every flow.

const seed = Number(process.env["SEED"] ?? 20260402);
/** Not at the start of a minute, so that both ends of most ranges are told from single flows. */
const START = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 7_200_000 + 17_345;
const MINUTE = 60_000;
const LENGTH = 20 * MINUTE;

const pods: readonly Endpoint[] = [
  { namespace: "web", pod_name: "cart-7d9f8b6c5-x2k4p", identity: 101 },
  { namespace: "web", pod_name: "checkout-6b8c9d7f4-q9w8r", identity: 102 },
  { namespace: "pay", pod_name: "ledger-0", workloads: [{ name: "ledger" }], identity: 103 },
  { namespace: "pay", pod_name: "api-5c7b9f8d6-z8v5t", identity: 104 },
  { identity: 2 },
];

const reasons = ["POLICY_DENIED", "POLICY_DENY", "CT_MAP_INSERTION_FAILED"] as const;

/** Each pair has a mood of its own in each half, so that every kind of change comes about. */
const moods = fc.constantFrom(
  ...(["quiet", "forwarded", "dropped", "mixed", "audited", "flood"] as const),
);

function flowsOf(): Flow[] {
  const pairs = pods.flatMap((source) =>
    pods.filter((one) => one !== source).map((destination) => ({ source, destination })),
  );
  const [drawn] = fc.sample(fc.array(fc.tuple(moods, moods), { minLength: 40, maxLength: 40 }), {
    seed,
    numRuns: 1,
  });
  const [numbers] = fc.sample(
    fc.array(fc.nat(1_000_000), { minLength: 20_000, maxLength: 20_000 }),
    { seed, numRuns: 1 },
  );
  let at = 0;
  const next = (below: number): number => (numbers?.[at++ % numbers.length] ?? 0) % below;
  const flows: Flow[] = [];
  for (const [index, pair] of pairs.entries())
    for (const [half, mood] of (drawn?.[index] ?? ["forwarded", "forwarded"]).entries()) {
      const count = mood === "quiet" ? 0 : mood === "flood" ? 60 : 3 + next(12);
      for (let n = 0; n < count; n += 1) flows.push(flowOf(pair, mood, half, next));
    }
  return flows;
}

function flowOf(
  { source, destination }: { source: Endpoint; destination: Endpoint },
  mood: string,
  half: number,
  next: (below: number) => number,
): Flow {
  const time = START + half * (LENGTH / 2) + next(LENGTH / 2);
  const drops = mood === "dropped" || mood === "flood" || (mood === "mixed" && next(2) === 0);
  const verdict = drops
    ? "DROPPED"
    : mood === "audited"
      ? "AUDIT"
      : next(9) === 0
        ? "REDIRECTED"
        : "FORWARDED";
  const reply = !drops && next(3) === 0;
  const ports = { source_port: 40_000, destination_port: 443 };
  return {
    time: `${new Date(time).toISOString().slice(0, -1)}${String(next(1_000_000)).padStart(6, "0")}Z`,
    uuid: crypto.randomUUID(),
    verdict,
    node_name: "n1",
    Type: "L3_L4",
    ...(drops ? { drop_reason_desc: reasons[next(reasons.length)] } : {}),
    event_type: { type: next(3) === 0 ? 5 : drops ? 1 : 4 },
    traffic_direction: next(2) === 0 ? "EGRESS" : "INGRESS",
    is_reply: reply,
    IP: { source: "10.0.0.1", destination: "10.0.0.2", ipVersion: "IPv4" },
    l4: {
      TCP: reply
        ? { source_port: ports.destination_port, destination_port: ports.source_port }
        : ports,
    },
    source: reply ? destination : source,
    destination: reply ? source : destination,
  } as Flow;
}

const flows = flowsOf();
const ns = (ms: number): bigint => BigInt(Math.round(ms * 1000)) * 1000n;
const range = (from: number, to: number): TwinRange => ({ since: ns(from), until: ns(to) - 1n });

let store: TestStore;
let compare: CompareReader;

beforeAll(async () => {
  store = await startTestStore();
  compare = createCompareReader(store.client);
  for (let at = 0; at < flows.length; at += 500) {
    const writer = new RowWriter(newBatchId(Date.now() + at));
    for (const flow of flows.slice(at, at + 500)) writer.add(flow);
    await writer.insert(store.client);
  }
});
afterAll(() => store.close());

const half = START + LENGTH / 2;
const RANGES: readonly [string, TwinRange, TwinRange][] = [
  ["halves", range(START, half), range(half, START + LENGTH)],
  ["within one minute", range(half - 20_000, half), range(half, half + 20_500)],
  ["of different length", range(START, START + 90_000), range(half - 1, START + LENGTH)],
  ["whole minutes", range(whole(2), whole(6)), range(whole(11), whole(15))],
  ["that overlap", range(START + 61_234, half + MINUTE), range(half - MINUTE, START + LENGTH)],
  ["of which one is empty", range(START - LENGTH, START - 1), range(START, START + LENGTH)],
];

function whole(minutes: number): number {
  return Math.ceil(START / MINUTE) * MINUTE + minutes * MINUTE;
}

const LINES = [
  "",
  "--namespace web",
  "--verdict DROPPED --verdict FORWARDED",
  "--drop-reason-desc POLICY_DENIED",
  "--not --namespace pay",
  "--from-namespace web",
  "--to-pod pay/api --to-port 443",
  "--traffic-direction ingress",
] as const;

const query = (line: string, [, before, after]: (typeof RANGES)[number]): CompareQuery => ({
  viewer: LOCAL_VIEWER,
  selection: line === "" ? EVERYTHING : parseFilterLine(line),
  before,
  after,
});

describe(`edges of two ranges, SEED=${seed}`, () => {
  test.each(
    RANGES.flatMap((one) => LINES.map((line) => [one[0], line || "no filter", one, line] as const)),
  )("%s, %s: as every single flow tells", async (_name, _line, ranges, line) => {
    const asked = query(line, ranges);
    const found = await compare.edges({ ...asked, limit: 1000 });
    const twin = compareTwin(flows, asked.selection, asked.before, asked.after);
    const all = [...twin.values()];
    const changed = all.filter(({ change }) => change !== "same");
    expect(new Set(found.edges.map(({ id }) => id)).size).toBe(found.edges.length);
    for (const { id, change, before, after } of found.edges)
      expect({ id, change, before, after }).toEqual(twin.get(id));
    expect(found.edges).toHaveLength(changed.length);
    const count = (kind: string): number => all.filter(({ change }) => change === kind).length;
    expect(found.counts).toEqual({
      verdict: count("verdict"),
      drops: count("drops"),
      new: count("new"),
      vanished: count("vanished"),
      same: count("same"),
    });
  });

  test("every kind of change is among them", async () => {
    const { counts } = await compare.edges({ ...query("", RANGES[0]!), limit: 1 });
    for (const [kind, count] of Object.entries(counts)) expect(count, kind).toBeGreaterThan(0);
  });

  test("of each kind at most so many are listed, all are counted, the largest come first", async () => {
    const asked = query("", RANGES[0]!);
    const all = await compare.edges({ ...asked, limit: 1000 });
    const few = await compare.edges({ ...asked, limit: 2 });
    expect(few.counts).toEqual(all.counts);
    for (const kind of ["verdict", "drops", "new", "vanished"] as const) {
      const of = (one: typeof all): string[] =>
        one.edges.filter(({ change }) => change === kind).map(({ id }) => id);
      expect(of(few)).toEqual(of(all).slice(0, 2));
    }
  });
});

describe("what is counted by the minute", () => {
  test.each([
    ["", true],
    ["--namespace web", true],
    ["--verdict DROPPED", true],
    ["--not --namespace pay --traffic-direction egress", true],
    ["--from-namespace web", false],
    ["--node-name n1", false],
    ["--to-port 443", false],
    ["--pod web/cart", false],
  ])("answers %s: %s", (line, fits) => {
    const selection = line === "" ? EVERYTHING : parseFilterLine(line);
    expect(fitsEdges({ viewer: LOCAL_VIEWER, selection })).toBe(fits);
    const viewer: Viewer = { ...LOCAL_VIEWER, namespaces: ["web"] };
    expect(fitsEdges({ viewer, selection })).toBe(false);
  });

  test("answers without the flows where whole minutes are asked for", async () => {
    const asked = query("--namespace web", RANGES[3]!);
    const full = await compare.edges({ ...asked, limit: 1000 });
    const other = await startTestStore();
    try {
      // Only the counts: as it is when the time of single flows is over.
      const writer = new RowWriter(newBatchId(Date.now()));
      for (const flow of flows) writer.add(flow);
      await writer.insert(other.client);
      await other.client.command("TRUNCATE TABLE flows");
      const counted = await createCompareReader(other.client).edges({ ...asked, limit: 1000 });
      expect(counted).toEqual(full);
      expect(full.edges.length).toBeGreaterThan(3);
    } finally {
      await other.close();
    }
  });
});

describe("verdicts and drops of two ranges", () => {
  test.each(LINES)("with %j they sum up as every flow tells", async (line) => {
    const asked = query(line, RANGES[0]!);
    const passes = compileSelection(asked.selection, { regex: (pattern) => new RegExp(pattern) });
    const told = new Map<string, { before: Flow[]; after: Flow[] }>();
    for (const flow of flows.filter((one) => passes(one)))
      for (const side of ["before", "after"] as const) {
        const at = parseTimeNs(flow.time ?? "") ?? 0n;
        if (at < asked[side].since || at > asked[side].until) continue;
        const key = `${flow.verdict} ${flow.drop_reason_desc ?? ""}`;
        const both = told.get(key) ?? { before: [], after: [] };
        told.set(key, both);
        both[side].push(flow);
      }
    const count = (some: readonly Flow[]): number => {
      const verdicts = some.filter(({ event_type: event }) => event?.type === 5).length;
      // A packet that was dropped is told twice at most; events of other verdicts count each.
      return some[0]?.verdict === "DROPPED"
        ? Math.max(verdicts, some.length - verdicts)
        : some.length;
    };
    const twin = [...told].map(([key, { before, after }]) => [key, count(before), count(after)]);
    const found = (await compare.verdicts(asked)).map(({ verdict, reason, before, after }) => [
      `${enumName(VERDICTS, verdict)} ${reason === 0 ? "" : enumName(DROP_REASONS, reason)}`,
      before,
      after,
    ]);
    const texts = (rows: unknown[][]): string[] => rows.map((row) => row.join(" ")).sort();
    expect(texts(found)).toEqual(texts(twin));
  });
});

test("a viewer of one namespace compares what is theirs, and the other end is cut", async () => {
  const viewer: Viewer = { ...LOCAL_VIEWER, namespaces: ["web"] };
  const { edges } = await compare.edges({ ...query("", RANGES[0]!), viewer, limit: 1000 });
  expect(edges.length).toBeGreaterThan(3);
  for (const { client, server } of edges) {
    expect([client.namespace, server.namespace]).toContain("web");
    for (const end of [client, server])
      if (end.namespace === "pay")
        expect(end).toEqual({ kind: "unknown", namespace: "pay", name: "" });
  }
});

test("an empty store has no beginning, a full one begins with its oldest flow", async () => {
  const oldest = flows.map(({ time = "" }) => Date.parse(time)).reduce((a, b) => Math.min(a, b));
  const { flows: since, counts } = await compare.since();
  expect(Number((since ?? 0n) / 1_000_000n)).toBe(Math.floor(oldest));
  expect(Number((counts ?? 0n) / 1_000_000n)).toBe(Math.floor(oldest / MINUTE) * MINUTE);
  const empty = await startTestStore();
  try {
    const reader = createCompareReader(empty.client);
    expect(await reader.since()).toEqual({ flows: undefined, counts: undefined });
    const nothing = await reader.edges({ ...query("", RANGES[0]!), limit: 10 });
    expect(nothing).toEqual({
      edges: [],
      counts: { verdict: 0, drops: 0, new: 0, vanished: 0, same: 0 },
    });
  } finally {
    await empty.close();
  }
});
