import {
  type Connection,
  type DecisionExplanation,
  type Endpoint,
  isDenial,
  parseManifests,
} from "@dropscope/policy";
import { expect, test } from "vitest";
import type { TuningCluster } from "../cluster/index.js";
import { worldOfObjects } from "./ends.js";
import { repair } from "./repair.js";
import { allowedBy, bruteEdits, type BruteEdit } from "./testing/brute.js";
import { compared, naiveEnds, passesIn, passing } from "./testing/naive.js";
import { type Random, randomOf } from "./testing/random.js";
import { clusterOfWorld, OUTSIDE, PORTS, type RandomWorld, worldOfSeed } from "./testing/worlds.js";

/** `REPAIR_WORLDS=1000 npx vitest run …` looks at more, `REPAIR_FROM` begins with another one. */
const WORLDS = Number(process.env["REPAIR_WORLDS"] ?? 200);
const FROM = Number(process.env["REPAIR_FROM"] ?? 0);
/** In every so manieth world each edit that there is is tried; all of them would take minutes. */
const BRUTE_EVERY = Number(process.env["REPAIR_BRUTE"] ?? 20);
/** Edits of both ends together that are tried. */
const MOST_COMBINED = 150;

/** A connection that is denied, drawn from all of them. */
function denied(cluster: TuningCluster, random: Random): Connection[] {
  const pods = worldOfObjects(cluster.objects, cluster.profile).workloads.flatMap(
    (one) => one.pods,
  );
  const outside = OUTSIDE.flatMap((address) => cluster.view.endpoint(address) ?? []);
  const passes = passesIn(cluster);
  const found: Connection[] = [];
  const consider = (from: Endpoint, to: Endpoint): void => {
    const port = random.pick(PORTS);
    const protocol = port === 53 ? random.pick(["UDP", "TCP"] as const) : "TCP";
    const connection: Connection = { from, to, protocol, port };
    if (from !== to && !passes(connection)) found.push(connection);
  };
  for (const from of pods) for (const to of pods) consider(from, to);
  for (const pod of pods) {
    consider(pod, random.pick(outside));
    consider(random.pick(outside), pod);
  }
  return found.length === 0 ? [] : [random.pick(found)];
}

const told = { worlds: 0, pairs: 0, both: 0, none: 0, brute: 0 };

test(`of ${WORLDS} random worlds: the first edit lets pass what was asked, shuts nothing, counts right, and none opens less`, () => {
  for (let seed = FROM; seed < FROM + WORLDS; seed++) {
    const world = worldOfSeed(seed);
    const random = randomOf(seed + 1e6);
    told.worlds += 1;
    const cluster = clusterOfWorld(world);
    for (const connection of denied(cluster, random)) {
      told.pairs += 1;
      const at = `seed ${seed}: ${connection.from.name} → ${connection.to.name} ${connection.protocol} ${connection.port}`;
      holds(world, cluster, connection, at);
    }
  }
  // The worlds must have something to tell: else nothing was tested.
  expect(told.pairs).toBeGreaterThan(told.worlds / 3);
  expect(told.both).toBeGreaterThan(told.worlds / 100);
  expect(told.none).toBeLessThan(told.pairs / 10);
  expect(told.brute).toBeGreaterThan(0);
}, 3_600_000);

function holds(
  world: RandomWorld,
  cluster: TuningCluster,
  connection: Connection,
  at: string,
): void {
  const { fixes, noFix, now, passes: isAllowed } = repair(cluster, { connection });
  expect(isAllowed, at).toBe(false);
  if (isDenial(now.egress.outcome) && isDenial(now.ingress.outcome)) told.both += 1;
  const ends = naiveEnds(cluster, connection);
  const before = passing(cluster.policies, cluster, ends);
  let best = Number.POSITIVE_INFINITY;
  const [top] = fixes;
  if (top === undefined || top.remains !== "") {
    told.none += 1;
    expect(top !== undefined || noFix !== "", at).toBe(true);
  } else {
    const files = new Map(top.files.map(({ path, yaml }) => [path, yaml]));
    const changed = clusterOfWorld(world, files);
    for (const { path, yaml, isNew } of top.files) {
      const read = parseManifests(yaml, path);
      expect(
        read.problems.filter(({ severity }) => severity === "error"),
        at,
      ).toEqual([]);
      const original = world.policies.find(({ file }) => file === path);
      expect(original === undefined, at).toBe(isNew);
      // Every word that a person wrote beside the policy is there still.
      for (const comment of original?.text.match(/#.*$/gm) ?? [])
        expect(yaml, at).toContain(comment);
    }
    expect(passesIn(changed)(connection), at).toBe(true);
    const after = passing(changed.policies, changed, ends);
    const { connections, lost, podPairs } = compared(before, after, ends);
    expect(lost, at).toBe(0);
    expect(top.allows.connections, at).toBe(connections);
    expect(podPairsOf(top.allows, connection), at).toBe(podPairs);
    for (const [index, fix] of fixes.entries())
      if (index > 0)
        expect(fix.allows.connections, at).toBeGreaterThanOrEqual(top.allows.connections);
    best = connections;
  }
  if ((told.worlds - 1) % BRUTE_EVERY !== 0) return;
  told.brute += 1;
  for (const { policies, edits } of everyEdit(world, cluster, now, connection)) {
    const { connections, lost } = compared(before, passing(policies, cluster, ends), ends);
    if (lost > 0) continue;
    if (connections < best)
      expect.fail(
        `${at}: ${connections} newly pass by ${JSON.stringify(edits)}, ${best} by ${top?.title ?? `none (${noFix})`}`,
      );
  }
}

/** Pairs of pods among those that are told; what is outside stands in `beyond` by name. */
function podPairsOf(
  {
    pairs,
    beyond,
    more,
  }: {
    pairs: number;
    beyond: readonly {
      client: { namespace: string };
      server: { namespace: string };
      pairs: number;
    }[];
    more: number;
  },
  { from, to }: Connection,
): number {
  expect(more).toBe(0);
  const isPod = ({ namespace }: { namespace: string }): boolean => namespace !== "";
  const others = beyond
    .filter(({ client, server }) => !isPod(client) || !isPod(server))
    .reduce((sum, one) => sum + one.pairs, 0);
  const rest = beyond.reduce((sum, one) => sum + one.pairs, 0);
  const own = pairs - rest;
  const isOwnPods = from.kind === "pod" && to.kind === "pod";
  return rest - others + (isOwnPods ? own : 0);
}

function* everyEdit(
  world: RandomWorld,
  cluster: TuningCluster,
  now: DecisionExplanation,
  connection: Connection,
): Generator<{ policies: Parameters<typeof passing>[0]; edits: readonly BruteEdit[] }> {
  const objects = world.policies.map(({ object }) => object);
  const sides = (["egress", "ingress"] as const).filter((direction) =>
    isDenial(now[direction].outcome),
  );
  const of = (direction: "egress" | "ingress"): BruteEdit[] =>
    bruteEdits(cluster, objects, connection, direction).filter(
      (edit) => allowedBy(cluster, [edit], connection, direction) !== undefined,
    );
  const [first = [], second] = sides.map(of);
  if (second === undefined) {
    for (const edit of first) {
      const policies = allowedBy(cluster, [edit], connection);
      if (policies !== undefined) yield { policies, edits: [edit] };
    }
    return;
  }
  const random = randomOf(world.seed);
  if (first.length === 0 || second.length === 0) return;
  for (let tried = 0; tried < MOST_COMBINED; tried++) {
    const edits = [random.pick(first), random.pick(second)];
    const [a, b] = edits.map((edit) =>
      JSON.stringify((edit?.[0] as { metadata?: unknown })?.metadata),
    );
    // Two whole objects of one name would undo each other.
    if (a === b) continue;
    const policies = allowedBy(cluster, edits, connection);
    if (policies !== undefined) yield { policies, edits };
  }
}
