import type { Fix } from "@dropscope/model";
import {
  applyEdit,
  type Connection,
  createPatch,
  type DecisionExplanation,
  type Direction,
  isDenial,
  parseManifests,
  type Policy,
  type SideExplanation,
  type SourceObject,
} from "@dropscope/policy";
import { unifiedDiff } from "../world/diff.js";
import { allowCandidates, type Values } from "./allow.js";
import type { Candidate } from "./candidate.js";
import { newPolicyCandidates } from "./new-policy.js";
import { yamlOf } from "./yaml.js";

/** What edits are tried out on. */
export interface Trial {
  readonly connection: Connection;
  readonly direction: Direction;
  /** The texts of the policies that select the end, by `nameOf`. */
  readonly sources: ReadonlyMap<string, SourceObject>;
  readonly values: Values;
  readonly policies: readonly Policy[];
  readonly cluster: string;
  readonly judge: (policies: readonly Policy[]) => DecisionExplanation;
  /** Whether the traffic passes at the end that the problem is about. */
  readonly passes: (side: SideExplanation) => boolean;
}

/** An edit that can be written and is valid; whether it helps is another question. */
interface Attempt {
  readonly fix: Omit<Fix, "remains">;
  readonly policies: readonly Policy[];
  readonly judged: DecisionExplanation;
}

/** Each is evaluated; more would not be read. */
const MOST_TRIED = 12;
const MOST_SHOWN = 3;

export const nameOf = ({
  kind,
  namespace,
  name,
}: Pick<Policy, "kind" | "namespace" | "name">): string => `${kind}/${namespace}/${name}`;

/** The candidates that let the traffic pass, in their order and each once. */
export function tryOut(candidates: readonly Candidate[], trial: Trial): Fix[] {
  const fixes: Fix[] = [];
  for (const candidate of candidates.slice(0, MOST_TRIED)) {
    if (fixes.length >= MOST_SHOWN) break;
    const fix = fixOf(candidate, trial);
    if (fix !== undefined && fixes.every(({ yaml }) => yaml !== fix.yaml)) fixes.push(fix);
  }
  return fixes;
}

function fixOf(candidate: Candidate, trial: Trial): Fix | undefined {
  const first = attempt(candidate, trial);
  if (first === undefined) return undefined;
  const side = first.judged[trial.direction];
  if (trial.passes(side)) return { ...first.fix, remains: remainsOf(first, trial) };
  // Out of reach of the deny rule, and nothing allows it either: that takes a second edit.
  if (!isDenial(side.outcome) || side.by.length > 0) return undefined;
  return withAllowance(first, candidate, side, trial);
}

/** An exception to a deny rule together with the rule that then allows the traffic, as one patch. */
function withAllowance(
  first: Attempt,
  { policy }: Candidate,
  side: SideExplanation,
  trial: Trial,
): Fix | undefined {
  const { connection, values } = trial;
  const second = [
    ...allowCandidates(side, connection, values),
    ...newPolicyCandidates(side, connection),
  ]
    // Its text was changed already.
    .filter((candidate) => nameOf(candidate.policy) !== nameOf(policy))
    .slice(0, MOST_TRIED)
    .map((candidate) => attempt(candidate, { ...trial, policies: first.policies }))
    .find((one) => one !== undefined && trial.passes(one.judged[trial.direction]));
  if (second === undefined) return undefined;
  const { fix } = second;
  const { kind, namespace, name } = fix.policy;
  return {
    ...first.fix,
    title: `${first.fix.title}, and in ${kind} ${namespace === "" ? name : `${namespace}/${name}`}: ${fix.title}`,
    effect: `${first.fix.effect} Without it nothing allows the traffic either, so it takes both. ${fix.effect}`,
    diff: `${first.fix.diff}${fix.diff}`,
    yaml: `${first.fix.yaml}---\n${fix.yaml}`,
    remains: remainsOf(second, trial),
  };
}

/** Undefined when the edit cannot be written, or what it makes is not valid. */
function attempt(candidate: Candidate, trial: Trial): Attempt | undefined {
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
  const policies = [...trial.policies.filter((one) => nameOf(one) !== key), ...parsed.policies];
  const { kind, namespace, name } = policy;
  return {
    fix: {
      policy: { kind, namespace, name },
      title,
      effect,
      diff: unifiedDiff(before, after, file),
      yaml: after,
    },
    policies,
    judged: trial.judge(policies),
  };
}

function remainsOf({ judged }: Attempt, { direction }: Trial): string {
  const other = direction === "egress" ? judged.ingress : judged.egress;
  return isDenial(other.outcome)
    ? `The ${other.direction} policies of ${other.endpoint.name} deny it as well.`
    : "";
}
