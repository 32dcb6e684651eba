/** Proposals, replays, rules and readiness in words. Pure. */
import type {
  CandidateProblem,
  Confidence,
  EdgeOutcome,
  Evidence,
  LeftOut,
  NamespaceReadiness,
  ReadinessStage,
  ReplayAnswer,
  ReplayChange,
  ReplayGroup,
  RuleFinding,
  RuleUse,
  TrafficPattern,
} from "@dropscope/model";
import { EDGE_OUTCOMES, READINESS_STAGES } from "@dropscope/model";
import { count, plural, span } from "../lib/format.js";

export interface Sentence {
  wrong: boolean;
  text: string;
  rest: string;
}

/** `7 days`; a range is named by its length. */
export function lengthText({ from, to }: Pick<Evidence, "from" | "to">): string {
  return span(Math.max(1000, to - from));
}

/** A range of which less was seen is not the one that its length says. */
const MOSTLY = 0.9;

/** What the text would change, in one sentence; what is not known is never left out. */
export function replaySentence({ counts, evidence, problems }: ReplayAnswer): Sentence {
  const broken = problems.find(({ severity, rule }) => severity === "error" && rule === "");
  if (broken) {
    return {
      wrong: true,
      text: `Line ${broken.line} cannot be read`,
      rest: "nothing was replayed with it",
    };
  }
  const length = lengthText(evidence);
  if (evidence.edges === 0) {
    return {
      wrong: false,
      text: `No traffic was seen in ${length}`,
      rest: "so nothing is known of what this would break",
    };
  }
  const { newlyDenied, newlyAllowed, stillAllowed } = counts;
  const rest = [
    newlyDenied.edges > 0 ? `${plural(newlyDenied.flows, "flow")} in ${length}` : "",
    newlyAllowed.edges > 0
      ? `${plural(newlyAllowed.edges, "connection")} would be newly allowed`
      : "",
    `${count(stillAllowed.edges)} allowed as before`,
    // The rest of what is not known stands below it; this is about what is said here.
    unjudged(evidence),
    evidence.hoursSeen < evidence.hours * MOSTLY ? hoursText(evidence) : "",
  ];
  return {
    wrong: newlyDenied.edges > 0,
    text:
      newlyDenied.edges > 0
        ? `${plural(newlyDenied.edges, "connection")} would be denied`
        : `Nothing that was seen in ${length} would be denied`,
    rest: rest.filter((part) => part !== "").join("; "),
  };
}

/** What keeps an answer from being the whole truth; empty when nothing is known to. */
export function doubts(evidence: Evidence): string[] {
  const { gaps, left, hours, hoursSeen } = evidence;
  return [
    unjudged(evidence),
    left > 0 ? `${plural(left, "connection")} not looked at` : "",
    hours > 1 && hoursSeen < hours ? hoursText(evidence) : "",
    gaps.length > 0 ? `${plural(gaps.length, "known loss", "known losses")} of flows` : "",
  ].filter((part) => part !== "");
}

function hoursText({ hoursSeen, hours }: Evidence): string {
  return `flows in ${count(hoursSeen)} of ${count(hours)} hours`;
}

function unjudged({ unknown }: Evidence): string {
  const edges = unknown.reduce((sum, each) => sum + each.edges, 0);
  return edges > 0 ? `${plural(edges, "connection")} could not be judged` : "";
}

/** `1,204 flows of 82 connections in 7 days`. */
export function restsOn(evidence: Evidence): string {
  return `${plural(evidence.flows, "flow")} of ${plural(evidence.edges, "connection")} in ${lengthText(evidence)}`;
}

const CHANGES: Record<ReplayAnswer["changes"][number]["change"], string> = {
  added: "new",
  changed: "changed",
  removed: "taken away",
  same: "as in force",
};

/** `2 new, 1 changed`. */
export function changesText(changes: ReplayAnswer["changes"]): string {
  return (["added", "changed", "same", "removed"] as const)
    .map((kind) => ({ kind, size: changes.filter(({ change }) => change === kind).length }))
    .filter(({ size }) => size > 0)
    .map(({ kind, size }) => `${count(size)} ${CHANGES[kind]}`)
    .join(", ");
}

export const CHANGE_WORDS: Record<ReplayChange, string> = {
  "newly-denied": "would be denied",
  "newly-allowed": "would be allowed",
};

const OUTCOMES: Record<EdgeOutcome, string> = {
  forwarded: "forwarded",
  dropped: "dropped",
  audited: "audited",
};

export function outcomeText(outcome: EdgeOutcome): string {
  return OUTCOMES[outcome];
}

/** What really happened to it: `41 forwarded, 2 dropped`. */
export function seenText(seen: ReplayGroup["seen"]): string {
  return EDGE_OUTCOMES.filter((outcome) => seen[outcome] > 0)
    .map((outcome) => `${count(seen[outcome])} ${OUTCOMES[outcome]}`)
    .join(", ");
}

const DIRECTIONS: Record<ReplayGroup["direction"], string> = {
  ingress: "by ingress",
  egress: "by egress",
  both: "by both ends",
};

export function directionText(direction: ReplayGroup["direction"]): string {
  return DIRECTIONS[direction];
}

export const PATTERNS: Record<TrafficPattern, [word: string, meaning: string]> = {
  regular: ["regular", "Seen in much of the time"],
  periodic: ["periodic", "Seen at even distances, like a cron job"],
  once: ["once", "Seen in one short while only"],
  scan: ["scan", "One client that tries many servers or ports"],
};

export const CONFIDENCE_WORDS: Record<Confidence, [word: string, steps: number]> = {
  high: ["high", 3],
  medium: ["medium", 2],
  low: ["low", 1],
};

export const LEFT_OUT: Record<LeftOut["why"], string> = {
  dropped: "was dropped",
  audited: "would have been dropped",
  scanner: "looks like a scan",
  once: "seen once",
  unplaced: "no policy could name it",
};

/** How a problem of the text reads: `line 4, NP014: …`. */
export function problemText({ line, rule, message }: CandidateProblem): string {
  return `line ${line}${rule === "" ? "" : `, ${rule}`}: ${message}`;
}

export const FINDINGS: Record<RuleFinding["kind"], string> = {
  "never-used": "Never used",
  "over-broad": "Over-broad",
  duplicate: "Duplicate",
  shadowed: "Shadowed",
  "stale-selector": "Stale selector",
};

export const RULE_SORTS = ["matters", "flows", "name"] as const;
export type RuleSort = (typeof RULE_SORTS)[number];

/** Rules with something to say first, then those that carry most. */
export function sortedRules(rules: readonly RuleUse[], by: RuleSort): RuleUse[] {
  const name = ({ policy, path }: RuleUse): string =>
    `${policy.namespace}/${policy.name} ${policy.kind} ${path}`;
  const byName = (a: RuleUse, b: RuleUse): number =>
    name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0;
  return rules.toSorted((a, b) => {
    if (by === "name") return byName(a, b);
    const found =
      by === "matters" ? Math.sign(b.findings.length) - Math.sign(a.findings.length) : 0;
    return found || b.flows - a.flows || byName(a, b);
  });
}

/** How the hits of a rule are known. */
export function attributionText({ attributed, flows }: RuleUse): string {
  const { hubble, evaluated } = attributed;
  if (flows === 0) return "";
  if (evaluated === 0) return "Hubble named this policy for all of them";
  return hubble === 0
    ? "worked out from the policies; Hubble named none for them"
    : `Hubble named this policy for ${count(hubble)}; ${count(evaluated)} are worked out from the policies`;
}

export const STAGES: Record<ReadinessStage, [word: string, meaning: string]> = {
  "no-policy": ["no policy", "No policy isolates anything here"],
  partial: ["partly isolated", "Policies isolate some workloads or one direction"],
  "would-break": ["would break", "Default deny would drop traffic that is seen"],
  watching: ["watching", "Nothing would break so far; not watched for long enough"],
  ready: ["ready", "Default deny would break nothing that was seen"],
  enforced: ["enforced", "Default deny is in force, and drops nothing that was allowed"],
};

/** From 1, of as many as there are. */
export function stageStep(stage: ReadinessStage): number {
  return READINESS_STAGES.indexOf(stage) + 1;
}

export const DNS_WORDS: Record<NamespaceReadiness["dns"], string> = {
  allowed: "allowed",
  missing: "no rule allows it",
  "not-isolated": "not restricted",
};

/** One sentence for all namespaces. */
export function readinessSentence(namespaces: readonly NamespaceReadiness[]): Sentence {
  const of = (stage: ReadinessStage): number =>
    namespaces.filter((each) => each.stage === stage).length;
  if (namespaces.length === 0) {
    return { wrong: false, text: "No namespace was seen in this range.", rest: "" };
  }
  const safe = of("enforced") + of("ready");
  const parts = READINESS_STAGES.filter((stage) => of(stage) > 0)
    .toReversed()
    .map((stage) => `${count(of(stage))} ${STAGES[stage][0]}`);
  return {
    wrong: false,
    text: `Default deny is safe in ${count(safe)} of ${plural(namespaces.length, "namespace")}`,
    rest: parts.join(", "),
  };
}

/** At most `most` steps, each the sum of its own. */
export function folded(trend: readonly number[], most = 46): number[] {
  const width = Math.ceil(trend.length / most);
  if (width <= 1) return [...trend];
  // The newest step is whole; what does not fill one is the oldest.
  const found: number[] = [];
  for (let end = trend.length; end > 0; end -= width) {
    found.unshift(trend.slice(Math.max(0, end - width), end).reduce((sum, each) => sum + each, 0));
  }
  return found;
}
