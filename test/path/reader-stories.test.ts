import {
  compileSelection,
  cutFlow,
  type DropExplanation,
  type Flow,
  type FlowStory,
  LOCAL_VIEWER,
  mayStartIn,
  parseFilterLine,
  parseTimeNs,
  type Viewer,
} from "@dropscope/model";
import { createCorrelatorStore, createReader, type FlowReader, newBatchId } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import * as fc from "fast-check";
import { RE2JS } from "re2js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  arbitraryFlow,
  arbitraryStory,
  arbitraryStorySelection,
  arbitraryViewer,
  PROBLEMS,
} from "../kit/arbitrary-flows.js";
import { RowWriter } from "../kit/flow-rows.js";

// Filters by problem and policy ask what the correlator says of a flow. The matcher of the model
// is the slow and obvious twin of the SQL.

const seed = Number(process.env["SEED"] ?? 20260402);
const regex = (pattern: string): { test(text: string): boolean } => {
  const compiled = RE2JS.compile(pattern);
  return { test: (text) => compiled.matcher(text).find() };
};

interface Told {
  flow: Flow;
  story: FlowStory | undefined;
}

let store: TestStore;
let reader: FlowReader;
let told: Told[];

beforeAll(async () => {
  store = await startTestStore();
  reader = createReader(store.client);
  told = fc.sample(fc.record({ flow: arbitraryFlow, story: arbitraryStory }), {
    seed,
    numRuns: 600,
  }) as Told[];
  const batch = newBatchId(Date.now());
  const writer = new RowWriter(batch);
  for (const { flow } of told) writer.add(flow);
  await writer.insert(store.client);
  await createCorrelatorStore(store.client).addExplanations([
    {
      batch: { id: batch, storedAt: Date.now() },
      rows: told.flatMap(({ flow, story }) =>
        story === undefined ? [] : [rowOf(batch, flow, story)],
      ),
    },
  ]);
});

afterAll(() => store.close());

/** The first policy selects, the others deny. */
function rowOf(batch: bigint, flow: Flow, { problem, policies }: FlowStory) {
  const explanation: Omit<DropExplanation, "uuid" | "time"> = {
    direction: "ingress",
    outcome: "default-deny",
    selecting: policies.slice(0, 1),
    denying: policies
      .slice(1)
      .map(({ kind, namespace, name }) => ({ kind, namespace, name, rule: "spec.ingress[0]" })),
    nearest: { policy: "web/nearest", rule: "spec.ingress[0]", failed: [] },
    agreement: "same",
    sentence: "It was dropped.",
    next: "",
    reason: "POLICY_DENIED",
    audited: false,
    change: null,
    places: [],
  };
  return {
    batch,
    timeNs: parseTimeNs(flow.time ?? "") ?? 0n,
    uuid: flow.uuid ?? "",
    problem,
    told: "drop" as const,
    weight: 1,
    outcome: "default-deny" as const,
    agreement: "same" as const,
    sourceNamespace: flow.source?.namespace ?? "",
    destinationNamespace: flow.destination?.namespace ?? "",
    pod: "",
    peer: "",
    node: "",
    explanation: JSON.stringify(explanation),
  };
}

/** As `cutExplanation` does. */
function cutStory(story: FlowStory | undefined, viewer: Viewer): FlowStory | undefined {
  return (
    story && {
      ...story,
      policies: story.policies.filter(
        ({ namespace }) => namespace === "" || mayStartIn(viewer, namespace),
      ),
    }
  );
}

async function found(query: Parameters<FlowReader["observe"]>[0]): Promise<string[]> {
  const ids: string[] = [];
  for await (const item of reader.observe(query)) if (item.flow) ids.push(item.flow.uuid ?? "");
  return ids.sort();
}

describe(`SEED=${seed}`, () => {
  it("problem and policy select as the model does, with all other fields, for every viewer", async () => {
    let matched = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryStorySelection, arbitraryViewer, async (selection, viewer) => {
        const passes = compileSelection(selection, { regex });
        const expected = told.flatMap(({ flow, story }) => {
          const seen = cutFlow(flow, viewer);
          const known = cutStory(story, viewer);
          return seen && passes(seen, undefined, known) ? [flow.uuid ?? ""] : [];
        });
        expect(await found({ viewer, selection })).toEqual(expected.sort());
        matched += expected.length;
      }),
      { seed, numRuns: Number(process.env["RUNS"] ?? 60), endOnFailure: false },
    );
    expect(matched).toBeGreaterThan(500);
  });

  it.each([PROBLEMS[0] ?? "", PROBLEMS[1] ?? ""])(
    "--problem %s: exactly what is folded into it, in any range",
    async (id) => {
      const selection = parseFilterLine(`--problem ${id}`);
      const all = told.filter(({ story }) => story?.problem === id);
      const ids = (some: readonly Told[]): string[] =>
        some.map(({ flow }) => flow.uuid ?? "").sort();
      expect(await found({ viewer: LOCAL_VIEWER, selection })).toEqual(ids(all));
      const middle = parseTimeNs("2026-04-01T12:05:00Z") ?? 0n;
      const late = all.filter(({ flow }) => (parseTimeNs(flow.time ?? "") ?? 0n) >= middle);
      expect(late.length).toBeGreaterThan(0);
      expect(await found({ viewer: LOCAL_VIEWER, selection, since: middle })).toEqual(ids(late));
    },
  );

  it("the rule that came nearest is not responsible", async () => {
    const selection = parseFilterLine("--policy web/nearest");
    expect(await found({ viewer: LOCAL_VIEWER, selection })).toEqual([]);
  });

  it("counts, edges and pages take the same filters", async () => {
    const selection = parseFilterLine(`--problem ${PROBLEMS[0]} --verdict DROPPED`);
    const expected = await found({ viewer: LOCAL_VIEWER, selection });
    expect(expected.length).toBeGreaterThan(0);
    const query = { viewer: LOCAL_VIEWER, selection };
    const verdicts = await reader.verdicts(query);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(["DROPPED"]);
    const pages: string[] = [];
    for (let cursor: string | undefined, more = true; more;) {
      const page = await reader.page({ ...query, limit: 7, ...(cursor && { cursor }) });
      pages.push(...page.rows.map(({ uuid }) => uuid));
      cursor = page.next;
      more = cursor !== undefined;
    }
    expect(pages.sort()).toEqual(expected);
  });

  it("completion offers policies of both kinds, and only those that the viewer sees", async () => {
    const all = await reader.complete("policy", "", LOCAL_VIEWER);
    expect(all).toEqual(expect.arrayContaining(["cluster-wide", "web/deny-all", "web/allow-web"]));
    const viewer: Viewer = { name: "someone", namespaces: ["payments"], seesL7: true };
    const seen = await reader.complete("policy", "", viewer);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((name) => name.includes("/") && !name.startsWith("payments/"))).toEqual([]);
  });
});
