import type { Fix, Flow, Problem, Viewer } from "@dropscope/model";
import {
  explain,
  isDenial,
  type L7List,
  l7ListsOf,
  parseManifests,
  type Policy,
  type SideExplanation,
  type SourceObject,
} from "@dropscope/policy";
import type { Knowledge } from "../knowledge.js";
import { type World, worldAt } from "../world/world.js";
import { allowCandidates } from "./allow.js";
import { exceptCandidates } from "./deny.js";
import { connectionOf } from "./ends.js";
import { l7Candidates } from "./l7.js";
import { newPolicyCandidates } from "./new-policy.js";
import { refusalOf, whyNone, whyNoRequest, withoutRules } from "./refusals.js";
import { nameOf, tryOut } from "./trial.js";

export interface FixAnswer {
  /** Best first. */
  readonly fixes: readonly Fix[];
  /** Why there is none; empty when there is one. */
  readonly noFix: string;
  /** Why none is needed any more; the fixes are then of the time of the drop. Empty otherwise. */
  readonly already: string;
}

/**
 * Edits of policies that let the traffic of a problem through, each tried out: the changed text
 * is parsed and the connection judged again, with the policies that hold at `at` (ms). Where
 * these allow it already, with those of the time of the drop.
 * @param flow one that was dropped
 */
export async function findFixes(
  knowledge: Pick<Knowledge, "objects" | "profile">,
  problem: Problem,
  flow: Flow | undefined,
  viewer: Viewer,
  at: number,
  signal: AbortSignal,
): Promise<FixAnswer> {
  const refusal = refusalOf(problem, flow);
  if (refusal !== "" || flow === undefined) return none(refusal);
  const find = (time: number): Promise<FixAnswer | undefined> =>
    fixesAt(knowledge, problem, flow, viewer, time, signal);
  const now = await find(at);
  if (now !== undefined) return now;
  const dropped = Date.parse(problem.explanation.time);
  const then = Number.isFinite(dropped) && dropped < at ? await find(dropped) : undefined;
  const fixes = then?.fixes ?? [];
  const already = "The policies of now allow this traffic: they were changed since.";
  return fixes.length > 0
    ? { fixes, noFix: "", already }
    : { fixes, noFix: "Nothing has to be changed.", already };
}

/** Undefined when the policies of that time allow the traffic. */
async function fixesAt(
  knowledge: Pick<Knowledge, "objects" | "profile">,
  problem: Problem,
  flow: Flow,
  viewer: Viewer,
  at: number,
  signal: AbortSignal,
): Promise<FixAnswer | undefined> {
  const namespaces = [flow.source?.namespace ?? "", flow.destination?.namespace ?? ""];
  const own = namespaces.filter((namespace) => namespace !== "");
  const world = await worldAt(knowledge, viewer, at, own, signal);
  const connection = connectionOf(problem, flow, world.view);
  const { direction } = problem;
  if (connection === undefined || direction === "")
    return none("The flow does not tell enough of both ends to try an edit out.");
  const policies = relevant(world, own);
  const context = world.view.context();
  const judge = (changed: readonly Policy[]) => explain(connection, changed, context);
  const side = judge(policies)[direction];
  const isRequest = problem.outcome === "l7-denied" && !isDenial(side.outcome);
  const lists = isRequest ? l7ListsOf(side, connection, flow) : [];
  const passes = (one: SideExplanation): boolean =>
    !isDenial(one.outcome) && (!isRequest || requestPasses(l7ListsOf(one, connection, flow)));
  if (passes(side)) return undefined;
  const sources = await readSources(knowledge, world, side, viewer, signal);
  const values = (policy: Pick<Policy, "kind" | "namespace" | "name">): unknown =>
    sources.get(nameOf(policy))?.value;
  const candidates = isRequest
    ? l7Candidates(lists, flow, values)
    : side.by.length > 0
      ? exceptCandidates(side, values, context)
      : [...allowCandidates(side, connection, values), ...newPolicyCandidates(side, connection)];
  const { cluster } = knowledge.profile;
  const trial = { connection, direction, sources, values, policies, cluster, judge, passes };
  const fixes = tryOut(candidates, trial);
  if (fixes.length > 0) return { fixes, noFix: "", already: "" };
  return none(
    isRequest
      ? whyNoRequest(lists, flow)
      : whyNone(side, judge(withoutRules(policies, side))[direction]),
  );
}

/** Without a list the proxy has no say. */
function requestPasses(lists: readonly L7List[]): boolean {
  return lists.length === 0 || lists.some(({ answer }) => answer.passes === "yes");
}

const none = (noFix: string): FixAnswer => ({ fixes: [], noFix, already: "" });

/** A policy counts for a connection when it is of a namespace of one of its ends, or of the cluster. */
function relevant({ view }: World, namespaces: readonly string[]): Policy[] {
  return view
    .policies()
    .filter(({ namespace }) => namespace === "" || namespaces.includes(namespace));
}

async function readSources(
  { objects, profile }: Pick<Knowledge, "objects" | "profile">,
  world: World,
  side: SideExplanation,
  viewer: Viewer,
  signal: AbortSignal,
): Promise<Map<string, SourceObject>> {
  const wanted = new Set(side.policies.map(({ policy }) => nameOf(policy)));
  const versions = world.policies.filter((version) => wanted.has(nameOf(version as never)));
  const texts = await objects.manifests(
    versions.map(({ content }) => content),
    viewer,
    signal,
  );
  const found = new Map<string, SourceObject>();
  for (const version of versions) {
    const text = texts.get(version.content) ?? "";
    const file = `${version.name}.yaml`;
    const [source] = parseManifests(text, file, { cluster: profile.cluster }).sources;
    if (source !== undefined) found.set(nameOf(version as never), source);
  }
  return found;
}
