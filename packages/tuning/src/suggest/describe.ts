import type { Evidence, SuggestedPolicy, SuggestedRule } from "@dropscope/model";
import type { Direction } from "@dropscope/policy";
import { confidenceOf, patternOfAll } from "./confidence.js";
import { compare } from "./group.js";
import type { WrittenRule } from "./network-policy.js";
import type { Proposal } from "./propose.js";
import { classText, ruleSays, subjectText } from "./says.js";
import type { Seen } from "./traffic.js";
import { pathOf, yamlOf } from "./write.js";
import { toldExactly } from "./told.js";

/** Edges that are told with a rule. */
const MOST_EDGES = 20;

/** A proposal with what each of its rules rests on. */
export function describe(
  proposal: Proposal,
  evidence: Evidence,
  annotate: boolean,
): SuggestedPolicy {
  const { kind, namespace, name, subject } = proposal;
  const who = subject === undefined ? `every pod in ${namespace}` : classText(subject);
  const rules = (["ingress", "egress"] as const).flatMap((direction) =>
    proposal.rules[direction].map((rule, at) =>
      ruleOf(rule, direction, at, who, namespace, evidence),
    ),
  );
  const byPath = new Map(rules.map((rule) => [rule.path, rule]));
  return {
    policy: { kind, namespace, name },
    subject: subjectText(subject, namespace),
    yaml: yamlOf(proposal, (path) => {
      const rule = byPath.get(path);
      if (rule === undefined) return "";
      return annotate ? `${rule.says}\n${seenText(rule)}` : rule.says;
    }),
    rules,
  };
}

function ruleOf(
  { draft }: WrittenRule,
  direction: Direction,
  at: number,
  who: string,
  namespace: string,
  evidence: Evidence,
): SuggestedRule {
  const seen = draft.seen.toSorted((a, b) => b.edge.flows - a.edge.flows || compare(a.id, b.id));
  const times = seen.flatMap(({ edge }) => [edge.firstNs, edge.lastNs]);
  const ms = (ns: bigint): number => Number(ns / 1_000_000n);
  return {
    path: pathOf(direction, at),
    says: `${ruleSays(draft, who, namespace)}.`,
    pattern: patternOfAll(seen),
    ...confidenceOf(seen, evidence),
    flows: seen.reduce((sum, { edge }) => sum + edge.flows, 0),
    pods: podsOf(seen),
    firstSeen: times.length === 0 ? null : Math.min(...times.map(ms)),
    lastSeen: times.length === 0 ? null : Math.max(...times.map(ms)),
    edges: seen.slice(0, MOST_EDGES).map(({ edge }) => toldExactly(edge)),
  };
}

/** Pods at either end: as many as are named, or as the largest edge counts. */
function podsOf(seen: readonly Seen[]): number {
  const names = new Set<string>();
  let most = 0;
  for (const { edge, connection } of seen)
    for (const [end, { kind }] of [
      [edge.sources, connection.from],
      [edge.destinations, connection.to],
    ] as const) {
      if (kind !== "pod") continue;
      most = Math.max(most, end.count);
      for (const name of end.names) names.add(name);
    }
  return Math.max(most, names.size);
}

/** `12,304 flows of 3 pods, 2026-11-16 to 2026-11-23; confidence high`. */
export function seenText({
  flows,
  pods,
  firstSeen,
  lastSeen,
  confidence,
  pattern,
}: SuggestedRule): string {
  if (firstSeen === null || lastSeen === null) return `Not observed; confidence ${confidence}.`;
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const [from, to] = [day(firstSeen), day(lastSeen)];
  const when = from === to ? from : `${from} to ${to}`;
  const how = pattern === "regular" ? "" : `, ${pattern}`;
  return `${count(flows, "flow")} of ${count(pods, "pod")}, ${when}${how}; confidence ${confidence}.`;
}

function count(number: number, what: string): string {
  return `${number.toLocaleString("en-US")} ${what}${number === 1 ? "" : "s"}`;
}
