import {
  compileSelection,
  type FilterCondition,
  FilterError,
  type FlowFilter,
  type FlowMatcher,
  type FlowStory,
  type Problem,
  readFilterLine,
  selectionOf,
} from "@dropscope/model";
import { Problem as Refusal, sentence } from "../problem.js";
import { regex } from "../query/filter.js";
import { flowsLike } from "./flows-like.js";

export type ProblemMatcher = (problem: Problem) => boolean;

/** Fields of a filter that problems can be told apart by; the others are of single packets. */
const KNOWN: ReadonlySet<string> = new Set([
  ...["pod", "workload", "fqdn", "ip", "identity"].flatMap((what) => [
    `source_${what}`,
    `destination_${what}`,
  ]),
  "destination_port",
  "verdict",
  "drop_reason_desc",
  "protocol",
  "traffic_direction",
  "node_name",
  "policy",
  "problem",
]);

/**
 * Words and flags, in any order: each word must stand somewhere in what the problem says, and
 * the flags mean what they mean for flows.
 *
 * A problem keeps names of its pods and far ends, not which was seen with which: where that
 * matters it is shown rather than hidden.
 * @throws FilterError that says where
 */
export function problemMatcher(line: string): ProblemMatcher {
  const parts = readFilterLine(line, { words: true });
  const selection = selectionOf(parts, line, { regex });
  for (const condition of parts.conditions) checkKnown(condition, line);
  const words = parts.words.map(({ text }) => text.toLowerCase());
  const some = selection.allow.filter(isKnown).map(conditionsOf);
  const none = selection.deny.filter(isKnown).map(conditionsOf);
  return (problem) => {
    const text = textOf(problem);
    if (!words.every((word) => text.includes(word))) return false;
    const flows = flowsLike(problem);
    const story: FlowStory = { problem: problem.id, policies: problem.policies };
    const holds = (passes: FlowMatcher) => (flow: (typeof flows)[number]) =>
      passes(flow, undefined, story);
    return (
      (some.length === 0 ||
        some.some((conditions) => conditions.every((one) => flows.some(holds(one))))) &&
      !none.some((conditions) => conditions.every((one) => flows.every(holds(one))))
    );
  };
}

/** The same for a request. @throws Problem 400 `FILTER_INVALID`, `FILTER_UNSUPPORTED`, with the place in the line */
export function parseProblemFilter(line: string): ProblemMatcher {
  try {
    return problemMatcher(line);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new Refusal(400, error.code, sentence(error.message), error.next, { at: error.at });
  }
}

/** Each field by itself: a flow that stands for a problem joins names that may not have met. */
function conditionsOf(filter: FlowFilter): FlowMatcher[] {
  return Object.entries(filter).map(([field, value]) =>
    compileSelection({ allow: [{ [field]: value as never }], deny: [] }, { regex }),
  );
}

function isKnown(filter: FlowFilter): boolean {
  return Object.keys(filter).every((field) => KNOWN.has(field));
}

/** A flag about either end is known when one of its ends is. */
function checkKnown(condition: FilterCondition, line: string): void {
  const { allow, deny } = selectionOf({ conditions: [condition], words: [] }, line, { regex });
  if ([...allow, ...deny].some(isKnown)) return;
  const what = condition.spec.name.replace(/^(from|to)-/, "").replaceAll("-", " ");
  throw new FilterError(
    `problems cannot be told apart by ${what}: it differs from packet to packet`,
    "Use words, or flags of namespace, pod, workload, IP, FQDN, identity, server port, protocol, reason, verdict, direction, node, policy and problem; Live takes them all.",
    { at: condition.at, code: "FILTER_UNSUPPORTED" },
  );
}

function textOf(problem: Problem): string {
  const { source, destination, explanation, policies } = problem;
  return [
    `${source.namespace}/${source.name}`,
    `${destination.namespace}/${destination.name}`,
    `${problem.protocol}/${problem.port}`,
    `:${problem.port}`,
    problem.reason,
    problem.outcome,
    problem.direction,
    problem.state,
    problem.id,
    explanation.sentence,
    ...policies.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`),
    ...problem.pods,
    ...problem.peers,
    ...problem.nodes,
  ]
    .join("\n")
    .toLowerCase();
}
