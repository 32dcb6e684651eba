import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  catalogOfManifests,
  catalogOfPast,
  createCorrelator,
  createExplainer,
  createLiveCatalog,
  type Explainer,
  explanationLine,
  isExplained,
  openHistory,
  storePast,
} from "@dropscope/correlator";
import { createRepository } from "@dropscope/correlator/testing";
import { until } from "@dropscope/ingester/testing";
import { type Flow, formatTimeNs, LOCAL_VIEWER, parseTimeNs, systemClock } from "@dropscope/model";
import { mergeManifests, parseManifests, PROFILES } from "@dropscope/policy";
import {
  createCorrelatorStore,
  createProblemReader,
  openStore,
  type Store,
} from "@dropscope/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CASES, readCase } from "../kit/cases.js";
import { CORRELATED_TABLES, forget, land, notDone } from "../kit/correlated.js";
import { cleanUp, scratchDir } from "../kit/run-cli.js";

// Histories at random, and flows of the cases at random moments of them: whatever the store says
// of a flow must be what a folder says that was checked out at the commit of its time.

const T = Date.UTC(2022, 1, 1);
const HOUR = 3_600_000;
const HISTORIES = 5;
const COMMITS = 12;
const SOURCES = [
  "default-deny-ingress",
  "denied-by-cilium-rule",
  "two-policies-isolate",
  "wrong-port",
];
const profile = PROFILES.cilium;
const TABLES = [
  ...CORRELATED_TABLES,
  "flows",
  "batches",
  "object_versions",
  "object_contents",
  "object_watches",
];

let store: Store;
beforeAll(async () => {
  store = openStore({ dataDir: scratchDir("histories") });
  await store.start();
});
afterAll(async () => {
  await store.stop(5_000);
  await cleanUp();
});

/** The same numbers each time for a seed, from 0 to below 1. */
function randomOf(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

/** Manifests of the cases; some of them say the same of other pods. */
const pool = SOURCES.flatMap((name) =>
  readdirSync(join(CASES, name, "policies")).map((file) =>
    readFileSync(join(CASES, name, "policies", file), "utf8"),
  ),
);
const flows = SOURCES.flatMap((name) => readCase(name).flows.filter(isExplained));

type Tree = Map<string, string>;

/** One step of somebody who keeps policies: adds, changes, spoils, moves or deletes a file, or nothing at all. */
function change(tree: Tree, random: () => number): Record<string, string | null> {
  const pick = <T>(some: readonly T[]): T => some[Math.floor(random() * some.length)]!;
  const names = [...tree.keys()];
  const what = Math.floor(random() * 7);
  const fresh = `f${Math.floor(random() * 4)}.yaml`;
  if (what <= 2 || names.length === 0) return { [fresh]: pick(pool) };
  const one = pick(names);
  if (what === 3) return { [one]: `# commented\n${tree.get(one)!}` };
  if (what === 4) return { [one]: "kind: [unclosed" };
  if (what === 5) return { [one]: null };
  const other = `moved/${one.replace("/", "-")}`;
  return { [one]: null, [other]: tree.get(one)! };
}

/** Whatever does not parse is as it was before. */
function goodAfter(good: Tree, changes: Record<string, string | null>): Tree {
  const next = new Map(good);
  for (const [name, text] of Object.entries(changes))
    if (text === null) next.delete(name);
    else if (!text.includes("[unclosed")) next.set(name, text);
  return next;
}

function offline(tree: Tree): Explainer {
  const files = [...tree].sort(([a], [b]) => (a < b ? -1 : 1));
  const manifests = mergeManifests(files.map(([name, text]) => parseManifests(text, name)));
  return createExplainer({ history: catalogOfManifests(manifests, profile), profile });
}

/** Of what is said, everything but in which line it stands: a policy that moves has not changed. */
function said(explanation: ReturnType<Explainer["explain"]>): unknown {
  const { change: _, ...rest } = { ...explanation, ...explanationLine(explanation) };
  return JSON.parse(JSON.stringify(rest).replaceAll(/[\w./-]+\.ya?ml(:\d+)?/g, "FILE"));
}

describe("any history", () => {
  test.each(Array.from({ length: HISTORIES }, (_, i) => i + 1))("with seed %i", async (seed) => {
    const random = randomOf(seed);
    await forget(store.client, TABLES);
    const dir = scratchDir(`history-${seed}`);
    const repository = await createRepository(dir);
    mkdirSync(join(dir, "k8s"));
    let tree: Tree = new Map();
    let good: Tree = new Map();
    const trees: Tree[] = [];
    for (let i = 0; i < COMMITS; i += 1) {
      const changes = change(tree, random);
      tree = new Map(tree);
      for (const [name, text] of Object.entries(changes))
        if (text === null) tree.delete(name);
        else tree.set(name, text);
      good = goodAfter(good, changes);
      trees.push(good);
      const paths = Object.entries(changes).map(([name, text]) => [`k8s/${name}`, text] as const);
      await repository.commit(T + i * HOUR, { ...Object.fromEntries(paths), log: String(i) });
      if (random() < 0.3) await repository.pack();
    }

    // Every flow somewhere in the history, half an hour after a commit: no change is in flight
    // then. None is told by two events.
    const expected = new Map<string, unknown>();
    const moved: Flow[] = [];
    for (let i = 0; i < flows.length * 3; i += 1) {
      const commit = Math.floor(random() * COMMITS);
      const uuid = `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`;
      const at = T + commit * HOUR + HOUR / 2 + i * 15_000;
      const flow = {
        ...flows[i % flows.length]!,
        uuid,
        time: formatTimeNs(BigInt(at) * 1_000_000n),
      };
      moved.push(flow);
      expected.set(uuid, said(offline(trees[commit]!).explain(flow)));
    }

    const history = (await openHistory(join(dir, "k8s"), { labelOf: (path) => path }))!;
    await storePast({ client: store.client, histories: [history] });
    await land(store.client, moved, 20);
    await correlate();

    const reader = createProblemReader(store.client);
    const catalog = await catalogOfPast({ histories: [history] }, profile);
    const explainer = createExplainer({ history: catalog, profile });
    const outcomes = new Set<string>();
    for (const flow of moved) {
      const found = await reader.explanationOf(flow.uuid!, LOCAL_VIEWER);
      // Before its first commit nothing is known of it, and that is all the difference.
      if (Number(parseTimeNs(flow.time!)! / 1_000_000n) < history.since) continue;
      outcomes.add(found!.explanation.outcome);
      expect(said(found!.explanation)).toEqual(expected.get(flow.uuid!));
      expect(said(explainer.explain(flow))).toEqual(expected.get(flow.uuid!));
    }
    // Control: the policies did decide.
    expect(outcomes.size).toBeGreaterThan(1);
  });
});

async function correlate(): Promise<void> {
  const knowledge = createLiveCatalog({ sources: [], profile, store });
  const correlator = createCorrelator({
    store: createCorrelatorStore(store.client),
    leader: { tryLead: () => Promise.resolve(true), release: () => Promise.resolve() },
    knowledge,
    profile,
    clock: systemClock,
    pollMs: 50,
  });
  await knowledge.start();
  await correlator.start();
  await until("everything is explained", async () => (await notDone(store.client)) === 0, 60_000);
  await correlator.stop(5_000);
  await knowledge.stop(5_000);
}
