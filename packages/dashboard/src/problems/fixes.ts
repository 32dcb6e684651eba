import type { Fix, Flow, Problem, Viewer } from "@dropscope/model";
import { clusterOfWorld, connectionOfFlow, refusalOf, repair } from "@dropscope/tuning";
import type { Knowledge } from "../knowledge.js";
import type { Worlds } from "../world/worlds.js";

export interface FixAnswer {
  /** Least newly allowed first. */
  readonly fixes: readonly Fix[];
  /** Why there is none; empty when there is one. */
  readonly noFix: string;
  /** Why none is needed any more; the fixes are then of the time of the drop. Empty otherwise. */
  readonly already: string;
}

export interface FixDeps {
  readonly knowledge: Pick<Knowledge, "objects" | "profile">;
  readonly worlds: Worlds;
  readonly viewer: Viewer;
  readonly signal: AbortSignal;
}

/**
 * Edits of policies that let the traffic of a problem through, each tried out on the policies that hold
 * at `at` (ms). Where these allow it already, on those of the time of the drop.
 * @param flow one that was dropped
 */
export async function findFixes(
  problem: Problem,
  flow: Flow | undefined,
  at: number,
  deps: FixDeps,
): Promise<FixAnswer> {
  const refusal = refusalOf(problem, flow);
  if (refusal !== "" || flow === undefined) return none(refusal);
  const now = await fixesAt(problem, flow, at, deps);
  if (now !== undefined) return now;
  const dropped = Date.parse(problem.explanation.time);
  const isEarlier = Number.isFinite(dropped) && dropped < at;
  const then = isEarlier ? await fixesAt(problem, flow, dropped, deps) : undefined;
  const fixes = then?.fixes ?? [];
  const already = "The policies of now allow this traffic: they were changed since.";
  return fixes.length > 0
    ? { fixes, noFix: "", already }
    : { fixes, noFix: "Nothing has to be changed.", already };
}

/** Undefined when the policies of that time allow the traffic. */
async function fixesAt(
  { outcome }: Problem,
  flow: Flow,
  at: number,
  { knowledge, worlds, viewer, signal }: FixDeps,
): Promise<FixAnswer | undefined> {
  const world = await worlds.at(viewer, at, "all", signal);
  const namespaces = new Set(["", flow.source?.namespace ?? "", flow.destination?.namespace ?? ""]);
  // Texts are read of those policies alone that have a say.
  const policies = world.policies.filter(({ namespace }) => namespaces.has(namespace));
  const cluster = await clusterOfWorld(knowledge, { ...world, policies }, viewer, signal);
  const told = connectionOfFlow(flow, cluster.moment);
  if (!told.known) return none(`No edit can be tried out: ${told.why}.`);
  const asked = {
    connection: told.connection,
    ...(outcome === "l7-denied" ? { request: flow } : {}),
  };
  const { fixes, noFix, passes } = repair(cluster, asked);
  return passes ? undefined : { fixes, noFix, already: "" };
}

const none = (noFix: string): FixAnswer => ({ fixes: [], noFix, already: "" });
