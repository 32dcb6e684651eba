import { createHash } from "node:crypto";
import {
  cleanText,
  type EdgeOutcome,
  type ObservedEdge,
  type ObservedTraffic,
  peerOf,
  type PolicyName,
  REPLAY_CHANGES,
  type ReplayChange,
  type ReplayGroup,
} from "@dropscope/model";
import {
  type Decision,
  type DecisionExplanation,
  isDenial,
  type Policy,
  type RuleRef,
  sentence,
  type SideDecision,
  type SideExplanation,
} from "@dropscope/policy";
import { objectKey } from "../cluster/index.js";
import { layerTold, podNamesOf } from "../traffic/told.js";
import type { JudgedEdge } from "./judged.js";

/** Edges whose answer changed, as a person reads them. */
export interface Groups {
  add(change: ReplayChange, one: JudgedEdge, after: Decision): void;
  /** Connections that pass, and of which a proxy would say otherwise to these requests. */
  addRequests(
    change: ReplayChange,
    one: JudgedEdge,
    told: DecisionExplanation,
    requests: ObservedEdge["requests"],
  ): void;
  /**
   * Explains those that will be told: what denies is explained by the policies that deny, so it is asked for twice,
   * while those before and while those after are in force.
   */
  explain(
    when: "before" | "after",
    explain: (one: JudgedEdge, decision: Decision) => DecisionExplanation,
  ): void;
  tell(): ReplayGroup[];
}

/** More would not be read. */
const MOST_GROUPS = 500;
/** Hours of a trend. */
const MOST_HOURS = 168;

type Direction = ReplayGroup["direction"];

interface Group {
  readonly change: ReplayChange;
  readonly direction: Direction;
  readonly key: string;
  /** The one with the most flows speaks for all. */
  sample: JudgedEdge;
  after: Decision;
  readonly edges: ObservedEdge[];
  flows: number;
  before?: DecisionExplanation;
  told?: DecisionExplanation;
  /** Of requests that a proxy would judge otherwise. */
  requests?: Map<string, number>;
}

export function createGroups(traffic: ObservedTraffic): Groups {
  const groups = new Map<string, Group>();

  const into = (change: ReplayChange, one: JudgedEdge, after: Decision, flows: number): Group => {
    const denying = change === "newly-denied" ? after : one.before;
    const direction = directionOf(denying);
    const key = keyOf(change, one, direction, denying);
    let group = groups.get(key);
    if (group === undefined) {
      group = { change, direction, key, sample: one, after, edges: [], flows: 0 };
      groups.set(key, group);
    } else if (one.edge.flows > group.sample.edge.flows) {
      group.sample = one;
      group.after = after;
    }
    group.edges.push(one.edge);
    group.flows += flows;
    return group;
  };

  const ordered = (): Group[] =>
    [...groups.values()]
      .sort(
        (a, b) =>
          REPLAY_CHANGES.indexOf(a.change) - REPLAY_CHANGES.indexOf(b.change) ||
          b.flows - a.flows ||
          (a.key < b.key ? -1 : 1),
      )
      .slice(0, MOST_GROUPS);

  return {
    add: (change, one, after) => void into(change, one, after, one.edge.flows),
    addRequests(change, one, told, requests) {
      const flows = requests.reduce((all, each) => all + each.flows, 0);
      const group = into(change, one, told.decision, flows);
      group.told ??= told;
      group.requests ??= new Map();
      for (const { request, flows: some } of requests)
        group.requests.set(request, (group.requests.get(request) ?? 0) + some);
    },
    explain(when, explain) {
      for (const group of ordered()) {
        if (when === "before") group.before = explain(group.sample, group.sample.before);
        else group.told ??= explain(group.sample, group.after);
      }
    },
    tell: () => ordered().map((group) => told(group, traffic)),
  };
}

/** Which ends' policies deny it; of a request that the proxy refuses, where there is one. */
function directionOf({ egress, ingress }: Decision): Direction {
  const denies = (side: SideDecision): boolean => isDenial(side.outcome);
  if (denies(egress) && denies(ingress)) return "both";
  if (denies(egress) || denies(ingress)) return denies(egress) ? "egress" : "ingress";
  const proxied = [egress, ingress].filter(({ outcome }) => outcome === "redirected");
  return proxied.length === 2 ? "both" : (proxied[0]?.direction ?? "ingress");
}

function keyOf(
  change: ReplayChange,
  { edge }: JudgedEdge,
  direction: Direction,
  { egress, ingress }: Decision,
): string {
  const rules = [egress, ingress].map(({ outcome, by }) => [outcome, by.map(ruleKey).sort()]);
  const ends = [peerOf(edge.flow, "source"), peerOf(edge.flow, "destination")];
  return JSON.stringify([change, ends, layerTold(edge.flow), direction, rules]);
}

const ruleKey = ({ policy, rule }: RuleRef): string => `${objectKey(policy)} ${rule.place.path}`;

function told(group: Group, traffic: ObservedTraffic): ReplayGroup {
  const { change, direction, key, sample, edges, flows } = group;
  const { flow } = sample.edge;
  const blamed = blameOf(group);
  return {
    id: createHash("sha256").update(key).digest("hex").slice(0, 12),
    change,
    client: peerOf(flow, "source"),
    server: peerOf(flow, "destination"),
    ...layerTold(flow),
    flows,
    pods: podsOf(edges),
    firstSeen: Number(least(edges.map(({ firstNs }) => firstNs)) / 1_000_000n),
    lastSeen: Number(greatest(edges.map(({ lastNs }) => lastNs)) / 1_000_000n),
    trend: trendOf(edges, traffic),
    direction,
    says: saysOf(group),
    ...blamed,
    seen: seenOf(edges),
  };
}

function saysOf({ told, requests, change }: Group): string {
  if (told === undefined) return "";
  if (requests === undefined) return sentence(told);
  const names = [...requests]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([name]) => name);
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  const verb = change === "newly-denied" ? "refuses" : "lets pass";
  return cleanText(
    `${told.connection.from.name} may reach ${told.connection.to.name}, but the proxy then ${verb} ${names.slice(0, 3).join(", ")}${more}`.replace(
      ", but the proxy then lets pass",
      ", and the proxy then lets pass",
    ),
    400,
  );
}

/** The policies that decide, and the clause that came nearest in the first of them. */
function blameOf(group: Group): Pick<ReplayGroup, "policies" | "clause"> {
  const explained = group.change === "newly-denied" ? group.told : group.before;
  if (explained === undefined) return { policies: [], clause: "" };
  const sides = [explained.egress, explained.ingress];
  const denying = sides.filter(({ outcome }) => isDenial(outcome));
  if (group.change === "newly-allowed") {
    const now = [group.told?.egress, group.told?.ingress].filter((one) => one !== undefined);
    const rules = now
      .filter(({ direction }) => group.direction === "both" || direction === group.direction)
      .flatMap(({ by }) => by);
    // Where no rule allows it, it was the policy that is gone.
    if (rules.length > 0) return blamed(rules);
  }
  if (group.requests !== undefined)
    return blamed(sides.filter(({ outcome }) => outcome === "redirected").flatMap(({ by }) => by));
  const [first] = denying;
  const nearest = first?.nearest;
  const policies = denying.flatMap(policiesDenying);
  if (first !== undefined && first.by.length > 0)
    return { policies: unique(policies), clause: first.by[0]?.rule.place.path ?? "" };
  if (nearest === undefined) return { policies: unique(policies), clause: "" };
  const clause = nearest.failures[0]?.place.path ?? nearest.rule.place.path;
  return { policies: unique([nearest.policy, ...policies]), clause };
}

function blamed(rules: readonly RuleRef[]): Pick<ReplayGroup, "policies" | "clause"> {
  return {
    policies: unique(rules.map(({ policy }) => policy)),
    clause: rules[0]?.rule.place.path ?? "",
  };
}

function policiesDenying({ by, policies }: SideExplanation): Policy[] {
  if (by.length > 0) return by.map(({ policy }) => policy);
  return policies.filter(({ isolates }) => isolates).map(({ policy }) => policy);
}

function unique(policies: readonly Policy[]): PolicyName[] {
  const found = new Map<string, PolicyName>();
  for (const policy of policies) {
    const { kind, namespace, name } = policy;
    if (!found.has(objectKey(policy))) found.set(objectKey(policy), { kind, namespace, name });
  }
  return [...found.values()];
}

/** Distinct pods where all are told; of very many at least as many as one edge has. */
function podsOf(edges: readonly ObservedEdge[]): number {
  const names = new Set(edges.flatMap((edge) => podNamesOf(edge).names));
  return Math.max(names.size, ...edges.map((edge) => podNamesOf(edge).count));
}

function seenOf(edges: readonly ObservedEdge[]): Record<EdgeOutcome, number> {
  const seen = { forwarded: 0, dropped: 0, audited: 0 };
  for (const { outcome, flows } of edges) seen[outcome] += flows;
  return seen;
}

const HOUR_NS = 3_600_000_000_000n;

/** Flows in each hour of the range, the newest of them. */
function trendOf(edges: readonly ObservedEdge[], { sinceNs, untilNs }: ObservedTraffic): number[] {
  const last = Number(untilNs / HOUR_NS);
  const first = Math.max(Number(sinceNs / HOUR_NS), last - MOST_HOURS + 1);
  const trend = Array.from({ length: Math.max(0, last - first + 1) }, () => 0);
  for (const { hours, hourFlows } of edges)
    for (const [at, hour] of hours.entries())
      if (hour >= first && hour <= last)
        trend[hour - first] = (trend[hour - first] ?? 0) + (hourFlows[at] ?? 0);
  return trend;
}

const least = (times: readonly bigint[]): bigint => times.reduce((a, b) => (b < a ? b : a));
const greatest = (times: readonly bigint[]): bigint => times.reduce((a, b) => (b > a ? b : a));
