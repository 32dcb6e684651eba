import {
  compileSelection,
  FilterError,
  type FlowFilter,
  parseFilterLine,
  type Problem,
  splitLine,
  takeFilterWords,
  type Word,
} from "@dropscope/model";
import { RE2JS } from "re2js";
import { Problem as Refusal, sentence } from "../problem.js";
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
]);

/**
 * Words and flags, in any order: each word must stand somewhere in what the problem says, and
 * the flags mean what they mean for flows.
 *
 * A problem keeps names of its pods and far ends, not which was seen with which: where that
 * matters it is shown rather than hidden.
 * @throws Problem 400 `FILTER_INVALID`, `FILTER_UNSUPPORTED`, with the place in the line
 */
export function parseProblemFilter(line: string): ProblemMatcher {
  try {
    const { words, flags } = split(line);
    const selection = parseFilterLine(flags, { regex });
    const allow = selection.allow.filter((filter) => isKnown(filter));
    const deny = selection.deny.filter((filter) => isKnown(filter));
    if (selection.allow.length > 0 && allow.length === 0) throw unsupported(selection.allow, line);
    if (selection.deny.length > 0 && deny.length === 0) throw unsupported(selection.deny, line);
    const some = allow.map((filter) => conditionsOf(filter));
    const none = deny.map((filter) => conditionsOf(filter));
    return (problem) => {
      const text = textOf(problem);
      if (!words.every((word) => text.includes(word))) return false;
      const flows = flowsLike(problem);
      return (
        (some.length === 0 ||
          some.some((conditions) => conditions.every((holds) => flows.some(holds)))) &&
        !none.some((conditions) => conditions.every((holds) => flows.every(holds)))
      );
    };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new Refusal(400, error.code, sentence(error.message), error.next, { at: error.at });
  }
}

function regex(pattern: string): { test(text: string): boolean } {
  const compiled = RE2JS.compile(pattern);
  return { test: (text) => compiled.matcher(text).find() };
}

/** The free words, small; and the line with blanks in their place, so that errors point at the right place. */
function split(line: string): { words: string[]; flags: string } {
  const all = splitLine(line);
  const { filter } = takeFilterWords(all.map(({ text }) => text));
  const words: string[] = [];
  let flags = line;
  let taken = 0;
  for (const word of all) {
    if (word.text === filter[taken]) taken += 1;
    // An unknown flag stays, for the parser to name it.
    else if (!word.text.startsWith("-")) {
      words.push(word.text.toLowerCase());
      flags = blanked(flags, word);
    }
  }
  return { words, flags };
}

function blanked(line: string, { start = 0, end = 0 }: Word): string {
  return line.slice(0, start) + " ".repeat(end - start) + line.slice(end);
}

/** Each field by itself: a flow that stands for a problem joins names that may not have met. */
function conditionsOf(
  filter: FlowFilter,
): ((flow: Parameters<ReturnType<typeof compileSelection>>[0]) => boolean)[] {
  return Object.entries(filter).map(([field, value]) => {
    const passes = compileSelection({ allow: [{ [field]: value as never }], deny: [] }, { regex });
    return (flow) => passes(flow);
  });
}

function isKnown(filter: FlowFilter): boolean {
  return Object.keys(filter).every((field) => KNOWN.has(field));
}

function unsupported(filters: readonly FlowFilter[], line: string): Refusal {
  const field = filters.flatMap((filter) => Object.keys(filter)).find((name) => !KNOWN.has(name));
  const what = (field ?? "").replace(/^(source|destination)_/, "").replaceAll("_", " ");
  return new Refusal(
    400,
    "FILTER_UNSUPPORTED",
    `Problems cannot be told apart by ${what}: it differs from packet to packet.`,
    "Use words, or flags of namespace, pod, workload, IP, FQDN, identity, server port, protocol, reason, verdict, direction and node; Live takes them all.",
    { at: [0, line.length] },
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
