import type { Fix, Flow, Problem, Viewer } from "@dropscope/model";
import {
  applyEdit,
  createPatch,
  explain,
  isDenial,
  parseManifests,
  type Policy,
  type SideExplanation,
  type SourceObject,
} from "@dropscope/policy";
import type { Knowledge } from "../knowledge.js";
import { unifiedDiff } from "../world/diff.js";
import { type World, worldAt } from "../world/world.js";
import { allowCandidates } from "./allow.js";
import type { Candidate } from "./candidate.js";
import { exceptCandidates } from "./deny.js";
import { connectionOf } from "./ends.js";
import { newPolicyCandidates } from "./new-policy.js";
import { yamlOf } from "./yaml.js";

export interface FixAnswer {
  /** Best first. */
  readonly fixes: readonly Fix[];
  /** Why there is none; empty when there is one. */
  readonly noFix: string;
  /** Why none is needed any more; the fixes are then of the time of the drop. Empty otherwise. */
  readonly already: string;
}

/** Each is evaluated; more would not be read. */
const MOST_TRIED = 12;
const MOST_SHOWN = 3;

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
  if (connection === undefined || problem.direction === "")
    return none("The flow does not tell enough of both ends to try an edit out.");
  const policies = relevant(world, own);
  const context = world.view.context();
  const side = explain(connection, policies, context)[problem.direction];
  if (!isDenial(side.outcome)) return undefined;
  const sources = await readSources(knowledge, world, side, viewer, signal);
  const values = (policy: Policy): unknown => sources.get(nameOf(policy))?.value;
  const candidates =
    side.outcome === "denied" && side.by.length > 0
      ? exceptCandidates(side, values, context)
      : [...allowCandidates(side, connection, values), ...newPolicyCandidates(side, connection)];
  const trial: Trial = {
    sources,
    policies,
    side,
    cluster: knowledge.profile.cluster,
    judge: (changed) => explain(connection, changed, context),
  };
  const fixes: Fix[] = [];
  for (const candidate of candidates.slice(0, MOST_TRIED)) {
    if (fixes.length >= MOST_SHOWN) break;
    const fix = tryOut(candidate, trial);
    if (fix !== undefined && fixes.every(({ yaml }) => yaml !== fix.yaml)) fixes.push(fix);
  }
  return fixes.length > 0 ? { fixes, noFix: "", already: "" } : none(whyNone(side));
}

const none = (noFix: string): FixAnswer => ({ fixes: [], noFix, already: "" });

function refusalOf({ outcome, folded }: Problem, flow: Flow | undefined): string {
  switch (outcome) {
    case "not-policy":
      return "No policy decided this, so no policy can allow it.";
    case "auth-required":
      return "The policies allow it once both ends are authenticated; an edit would only take that demand away.";
    case "l7-denied":
      return "The proxy refused the request: the rule to change is among the HTTP or DNS rules that are marked.";
    case "policy-changed":
      return "A policy was changing at that moment; there is nothing to add to it.";
    case "unexplained":
      return "What is known does not explain the drop, and an edit without a reason is none.";
    default:
      if (folded === "everything")
        return "Too many different connections are folded into this one for one edit.";
      return flow === undefined
        ? "Its flows are not stored any more, so no edit can be tried out."
        : "";
  }
}

function whyNone(side: SideExplanation): string {
  if (side.by.length > 0)
    return "A deny rule decided, and deny wins over every allow rule: it must be narrowed by hand, if the traffic is wanted at all.";
  return "No small edit of the policies that select the pod allows it.";
}

/** A policy counts for a connection when it is of a namespace of one of its ends, or of the cluster. */
function relevant({ view }: World, namespaces: readonly string[]): Policy[] {
  return view
    .policies()
    .filter(({ namespace }) => namespace === "" || namespaces.includes(namespace));
}

const nameOf = ({ kind, namespace, name }: Pick<Policy, "kind" | "namespace" | "name">): string =>
  `${kind}/${namespace}/${name}`;

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

interface Trial {
  readonly sources: ReadonlyMap<string, SourceObject>;
  readonly policies: readonly Policy[];
  readonly side: SideExplanation;
  readonly cluster: string;
  readonly judge: (policies: readonly Policy[]) => ReturnType<typeof explain>;
}

/** Undefined when the edit cannot be written, is not valid, or does not help. */
function tryOut(candidate: Candidate, trial: Trial): Fix | undefined {
  const { policy, operations, object, title, effect } = candidate;
  const key = nameOf(policy);
  const source = trial.sources.get(key);
  const before = object === undefined ? (source?.text ?? "") : "";
  const patch = source && operations && createPatch(source, operations);
  const after = object === undefined ? patch && applyEdit(before, patch.edit) : yamlOf(object);
  if (after === undefined || (object !== undefined && source !== undefined)) return undefined;
  const file = `${policy.name}.yaml`;
  const parsed = parseManifests(after, file, { cluster: trial.cluster });
  if (parsed.policies.length === 0 || parsed.problems.some(({ severity }) => severity === "error"))
    return undefined;
  const judged = trial.judge([
    ...trial.policies.filter((one) => nameOf(one) !== key),
    ...parsed.policies,
  ]);
  const { direction } = trial.side;
  if (isDenial(judged[direction].outcome)) return undefined;
  const other = direction === "egress" ? judged.ingress : judged.egress;
  const { kind, namespace, name } = policy;
  return {
    policy: { kind, namespace, name },
    title,
    effect,
    diff: unifiedDiff(before, after, file),
    yaml: after,
    remains: isDenial(other.outcome)
      ? `The ${other.direction} policies of ${other.endpoint.name} deny it as well.`
      : "",
  };
}
