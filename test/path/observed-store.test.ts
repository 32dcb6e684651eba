import {
  compileSelection,
  cutFlow,
  EVERYTHING,
  type Flow,
  type FlowSelection,
  LOCAL_VIEWER,
  type ObservedEdge,
  type ObservedTraffic,
  parseFilterLine,
  type Viewer,
} from "@dropscope/model";
import { createObservedReader, newBatchId, type ObservedReader } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { foldFlows } from "@dropscope/tuning";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RowWriter } from "../kit/flow-rows.js";
import { trafficFlows } from "../kit/traffic-arbitrary.js";

// What the engine folds is what is folded in memory, flow by flow.

const seed = Number(process.env["SEED"] ?? 20260711);
/** More than two days: the engine folds each day by itself. */
const HOURS = 53;
const START = Math.floor(Date.now() / 3_600_000) * 3_600_000 - (HOURS + 1) * 3_600_000;
const FLOWS = 3000;
const flows: readonly Flow[] = fc.sample(trafficFlows(START, HOURS), { seed, numRuns: FLOWS });

let store: TestStore;
let observed: ObservedReader;

beforeAll(async () => {
  store = await startTestStore();
  observed = createObservedReader(store.client);
  for (let at = 0; at < flows.length; at += 1500) {
    const writer = new RowWriter(newBatchId(Date.now() + at));
    for (const flow of flows.slice(at, at + 1500)) writer.add(flow);
    await writer.insert(store.client);
  }
});
afterAll(() => store.close());

const ns = (ms: number): bigint => BigInt(ms) * 1_000_000n;
const WHOLE = { since: ns(START), until: ns(START + HOURS * 3_600_000) - 1n };

function folded(
  { since, until }: typeof WHOLE,
  viewer: Viewer = LOCAL_VIEWER,
  selection: FlowSelection = EVERYTHING,
): ObservedTraffic {
  const matches = compileSelection(selection, { regex: (pattern) => new RegExp(pattern) });
  const seen = flows.flatMap((flow) => cutFlow(flow, viewer) ?? []);
  const traffic = foldFlows(seen, {
    sinceNs: since,
    untilNs: until,
    matches: (flow) => matches(flow),
  });
  // Hours are those of the store, whoever asks.
  const { hours } = foldFlows(flows, { sinceNs: since, untilNs: until });
  const { answers, ...rest } = traffic;
  return { ...rest, hours, ...(viewer.seesL7 && answers !== undefined ? { answers } : {}) };
}

/** What must be equal; of many names at one end any twenty are told. */
function plain(edge: ObservedEdge): unknown {
  const { sources, destinations, firstNs, lastNs, ...rest } = edge;
  return {
    ...rest,
    times: [String(firstNs), String(lastNs)],
    ends: [sources.count, destinations.count, sources.names, destinations.names],
  };
}

function expectSame(found: ObservedTraffic, twin: ObservedTraffic): void {
  const { edges, ...rest } = found;
  const { edges: others, ...expected } = twin;
  expect(rest).toEqual(expected);
  const byText = (some: readonly ObservedEdge[]): unknown[] =>
    some
      .map((edge) => ({ text: JSON.stringify(edge.flow), edge }))
      .sort((a, b) => (a.text < b.text ? -1 : 1))
      .map(({ edge }) => plain(edge));
  expect(byText(edges)).toEqual(byText(others));
}

describe(`folded in the engine and in memory, SEED=${seed}`, () => {
  test.each([
    ["the whole range", WHOLE],
    ["a part", { since: ns(START + 40_321_000) + 1n, until: ns(START + 150_876_543) }],
    ["a range without a flow", { since: ns(START - 9000), until: ns(START - 1) }],
  ])("%s", async (_name, range) => {
    const found = await observed.traffic({ viewer: LOCAL_VIEWER, selection: EVERYTHING, ...range });
    expectSame(found, folded(range));
  });

  test("there are edges of every kind, and what is none", async () => {
    const { edges, unplaced, answers = [] } = folded(WHOLE);
    expect(answers.some(({ names }) => names.length > 1)).toBe(true);
    expect(edges.length).toBeGreaterThan(200);
    expect(new Set(edges.map(({ outcome }) => outcome)).size).toBe(3);
    expect(unplaced).toBeGreaterThan(0);
    for (const part of ["requests", "named"] as const)
      expect(
        edges.some((edge) => edge[part].length > 1),
        part,
      ).toBe(true);
    expect(edges.some(({ sources }) => sources.count > 1)).toBe(true);
  });

  test.each(["--namespace web", "--verdict DROPPED", "--not --namespace pay"])(
    "with the filter %s",
    async (line) => {
      const selection = parseFilterLine(line);
      const found = await observed.traffic({ viewer: LOCAL_VIEWER, selection, ...WHOLE });
      expectSame(found, folded(WHOLE, LOCAL_VIEWER, selection));
    },
  );

  test.each([
    ["one namespace", { name: "guest", namespaces: ["web"], seesL7: true }],
    ["one namespace, without requests", { name: "guest", namespaces: ["pay"], seesL7: false }],
  ])("for a viewer of %s, who never hears of the others", async (_name, viewer) => {
    const found = await observed.traffic({ viewer, selection: EVERYTHING, ...WHOLE });
    expectSame(found, folded(WHOLE, viewer));
    const [own] = viewer.namespaces;
    for (const { flow, named, requests } of found.edges) {
      if (!viewer.seesL7) expect(requests).toEqual([]);
      for (const { policy } of named) expect(["", own]).toContain(policy.namespace);
      for (const end of [flow.source, flow.destination])
        if (![undefined, "", own].includes(end?.namespace)) expect(end?.labels).toBeUndefined();
    }
  });

  test("of many edges the most frequent are kept, and the others are counted", async () => {
    const asked = { viewer: LOCAL_VIEWER, selection: EVERYTHING, ...WHOLE };
    const all = await observed.traffic(asked);
    const some = await observed.traffic({ ...asked, most: 10 });
    expect(some.edges).toHaveLength(10);
    expect(some.left).toBe(all.edges.length - 10);
    const counts = ({ flows, firstNs, lastNs, unplaced, hours }: ObservedTraffic): unknown => [
      String([flows, firstNs, lastNs, unplaced]),
      hours,
    ];
    expect(counts(some)).toEqual(counts(all));
    for (const left of [1, 0]) {
      const few = await observed.traffic({ ...asked, most: all.edges.length - left });
      expect([few.edges.length + left, few.left]).toEqual([all.edges.length, left]);
      expect(counts(few)).toEqual(counts(all));
    }
    const least = Math.min(...some.edges.map(({ flows: count }) => count));
    expect(all.edges.filter(({ flows: count }) => count > least).length).toBeLessThanOrEqual(10);
  });
});
