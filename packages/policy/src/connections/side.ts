import type { Endpoint } from "../endpoint.js";
import type { MatchContext } from "../match/context.js";
import { rulesIn } from "../match/rules.js";
import type { Direction, Policy, Rule, Tier } from "../policy.js";
import {
  type ConnectionSet,
  EVERYTHING,
  intersect,
  type ListProtocol,
  LIST_PROTOCOLS,
  NOTHING,
  ofProtocol,
  subtract,
  unite,
} from "./connection-set.js";
import { portSet } from "./ports.js";

/** One side of a question: which connections do the policies of one end let through. */
export interface Side {
  readonly direction: Direction;
  /** The policies that select the end, in any order. */
  readonly policies: readonly Policy[];
  /** What the rule says about the other end; undefined when none of its peers is that end. */
  actionOf(rule: Rule): Rule["action"] | undefined;
  /** What the rule's port entries come to at the destination. */
  portsOf(rule: Rule): ConnectionSet;
  /** Whether the other end is the node that this end runs on. */
  readonly fromOwnNode: boolean;
  readonly context: MatchContext;
}

/** What the rules of one side let through, exactly. Redirects to a proxy count as allowed. */
export function allowedBySide(side: Side): ConnectionSet {
  const { profile } = side.context;
  if (profile.enforcement === "never") return EVERYTHING;
  if (profile.enforcement === "default" && side.policies.length === 0) return EVERYTHING;
  const admin = decideInOrder(side, "admin", EVERYTHING);
  const normal = normalTier(side);
  const isolated = profile.enforcement === "always" || isIsolated(side);
  const left = unite(admin.undecided, admin.passed);
  const denied = intersect(normal.denied, left);
  const open = subtract(left, denied);
  const allowed = isolated ? intersect(open, normal.allowed) : NOTHING;
  const rest = subtract(open, allowed);
  // By the API an isolating policy has the last word; Cilium's tiers still ask the baseline.
  const asksBaseline = !isolated || profile.baseline === "tiers";
  const baseline = asksBaseline ? decideInOrder(side, "baseline", rest) : undefined;
  const fallback = isolated
    ? localHost(side, subtract(rest, baseline?.denied ?? NOTHING))
    : unite(baseline?.undecided ?? NOTHING, baseline?.passed ?? NOTHING);
  const all = [admin.allowed, allowed, baseline?.allowed ?? NOTHING, fallback].reduce(unite);
  return profile.denyBeatsTiers ? subtract(all, normal.denied) : all;
}

/** The kubelet's probes get through a default denial. */
function localHost({ fromOwnNode, policies, context }: Side, rest: ConnectionSet): ConnectionSet {
  const open = fromOwnNode && context.profile.allowLocalHost && policies.length > 0;
  return open ? rest : NOTHING;
}

interface InOrder {
  readonly allowed: ConnectionSet;
  readonly denied: ConnectionSet;
  readonly passed: ConnectionSet;
  readonly undecided: ConnectionSet;
}

/** The admin and baseline tiers: the first level that matches decides; within a level, deny comes before allow, and allow before pass. */
function decideInOrder(side: Side, tier: Tier, asked: ConnectionSet): InOrder {
  const decided = { allow: NOTHING, deny: NOTHING, pass: NOTHING };
  let undecided = asked;
  for (const level of levelsOf(side, tier))
    for (const action of ["deny", "allow", "pass"] as const)
      for (const rule of level) {
        if (side.actionOf(rule) !== action) continue;
        const hit = intersect(side.portsOf(rule), undecided);
        undecided = subtract(undecided, hit);
        decided[action] = unite(decided[action], hit);
      }
  return { allowed: decided.allow, denied: decided.deny, passed: decided.pass, undecided };
}

/** Rules of one tier and direction, by priority and then by their place in the policy. Rules of one level are peers of each other. */
export function levelsOf({ policies, direction }: Side, tier: Tier): Rule[][] {
  const levels = new Map<string, { key: readonly [number, number]; rules: Rule[] }>();
  for (const policy of policies) {
    if (policy.tier !== tier) continue;
    for (const rule of rulesIn(policy, direction)) {
      const key = [policy.priority, rule.index] as const;
      const level = levels.get(key.join()) ?? { key, rules: [] };
      levels.set(key.join(), level);
      level.rules.push(rule);
    }
  }
  return [...levels.values()]
    .sort((a, b) => a.key[0] - b.key[0] || a.key[1] - b.key[1])
    .map(({ rules }) => rules);
}

function normalTier(side: Side): { allowed: ConnectionSet; denied: ConnectionSet } {
  const { policies, direction } = side;
  const all = { allow: NOTHING, deny: NOTHING, pass: NOTHING };
  for (const policy of policies) {
    if (policy.tier !== "normal") continue;
    for (const rule of rulesIn(policy, direction)) {
      const action = side.actionOf(rule);
      if (action !== undefined) all[action] = unite(all[action], side.portsOf(rule));
    }
  }
  return { allowed: all.allow, denied: all.deny };
}

export function isIsolated({ policies, direction }: Side): boolean {
  return policies.some((policy) => policy.tier === "normal" && policy.isolates[direction]);
}

/**
 * The ports that a rule means at `destination`.
 * @param destination undefined when it is only known by its labels: named ports stay names then
 * @param unmatched told of each named port that the destination does not have
 */
export function rulePorts(
  rule: Rule,
  destination: Endpoint | undefined,
  unmatched?: (name: string) => void,
): ConnectionSet {
  if (rule.ports === "any") return EVERYTHING;
  let all = NOTHING;
  for (const entry of rule.ports) {
    const protocols = LIST_PROTOCOLS.filter((protocol) => entry.protocols.includes(protocol));
    if (entry.of === "number") {
      const ports = portSet([[entry.first, entry.last]]);
      for (const protocol of protocols) all = unite(all, ofProtocol(protocol, ports));
    } else if (destination === undefined) {
      all = unite(all, named(entry.name, protocols));
    } else {
      const found = destination.ports.filter(
        ({ name, protocol }) => name === entry.name && protocols.includes(protocol),
      );
      if (found.length === 0) unmatched?.(entry.name);
      for (const { protocol, port } of found)
        all = unite(all, ofProtocol(protocol, portSet([[port, port]])));
    }
  }
  return all;
}

/** Kinds whose named ports carry no protocol mean whichever the destination gives the name to. */
function named(name: string, protocols: readonly ListProtocol[]): ConnectionSet {
  const names =
    protocols.length === LIST_PROTOCOLS.length
      ? [` ${name}`]
      : protocols.map((protocol) => `${protocol} ${name}`);
  return { ...NOTHING, names: [...names].sort() };
}
