import type { Endpoint } from "../endpoint.js";
import type { MatchContext } from "../match/context.js";
import { matchesPeers } from "../match/peer.js";
import { concerns } from "../match/rules.js";
import { isLocalEndpoint, selectsEndpoint } from "../match/subject.js";
import type { Direction, Policy, Rule } from "../policy.js";
import { type ConnectionSet, EVERYTHING, intersect, isNothing } from "./connection-set.js";
import { allowedBySide, rulePorts, type Side } from "./side.js";

/** Told of a named port that a rule asks for and its destination does not have. */
export type UnmatchedPort = (
  policy: Policy,
  rule: Rule,
  name: string,
  destination: Endpoint,
) => void;

/** Answers for pairs of ends; remembers which policies select which end. */
export interface Judge {
  /** Every connection that both sides let through. */
  between(from: Endpoint, to: Endpoint): ConnectionSet;
  /** One side of the two; undefined when no policy can select that end. */
  side(direction: Direction, from: Endpoint, to: Endpoint): Side | undefined;
  /** The policies that select the end and say anything about the direction. */
  selecting(direction: Direction, endpoint: Endpoint): readonly Policy[];
  readonly context: MatchContext;
}

export function createJudge(
  policies: readonly Policy[],
  context: MatchContext,
  unmatched?: UnmatchedPort,
): Judge {
  const known = { ingress: new Map<Endpoint, Policy[]>(), egress: new Map<Endpoint, Policy[]>() };
  const owners = new Map(policies.flatMap((policy) => policy.rules.map((rule) => [rule, policy])));
  // The same rule meets the same end once for each of the many ends that its policy selects.
  const portsAt = perEnd<ConnectionSet>((rule, to) =>
    rulePorts(rule, to, (name) => unmatched?.(owners.get(rule) as Policy, rule, name, to)),
  );
  const actionAt = perEnd((rule, other) => actionFor(rule, other, context));

  function selecting(direction: Direction, endpoint: Endpoint): readonly Policy[] {
    const found = known[direction].get(endpoint);
    if (found !== undefined) return found;
    const selected = policies.filter(
      (policy) => concerns(policy, direction) && selectsEndpoint(policy, endpoint, context),
    );
    known[direction].set(endpoint, selected);
    return selected;
  }

  function side(direction: Direction, from: Endpoint, to: Endpoint): Side | undefined {
    const [subject, other] = direction === "ingress" ? [to, from] : [from, to];
    if (!isLocalEndpoint(subject, context)) return undefined;
    return {
      direction,
      policies: selecting(direction, subject),
      actionOf: actionAt(other),
      portsOf: portsAt(to),
      fromOwnNode: direction === "ingress" && from.kind === "host",
      context,
    };
  }

  function bySide(direction: Direction, from: Endpoint, to: Endpoint): ConnectionSet {
    const asked = side(direction, from, to);
    return asked === undefined ? EVERYTHING : allowedBySide(asked);
  }

  return {
    selecting,
    side,
    context,
    between(from, to) {
      if (context.profile.audit) return EVERYTHING;
      const egress = bySide("egress", from, to);
      return isNothing(egress) ? egress : intersect(egress, bySide("ingress", from, to));
    },
  };
}

/** Remembers what a rule comes to at an end. */
function perEnd<Value>(
  work: (rule: Rule, end: Endpoint) => Value,
): (end: Endpoint) => (rule: Rule) => Value {
  const ends = new Map<Endpoint, (rule: Rule) => Value>();
  return (end) => {
    const found = ends.get(end);
    if (found !== undefined) return found;
    const values = new Map<Rule, Value>();
    const ask = (rule: Rule): Value => {
      const known = values.get(rule);
      if (known !== undefined || values.has(rule)) return known as Value;
      const value = work(rule, end);
      values.set(rule, value);
      return value;
    };
    ends.set(end, ask);
    return ask;
  };
}

/** What a rule says about an end. Peers that nobody can resolve keep everybody out, whatever the rule does. */
export function actionFor(
  rule: Rule,
  endpoint: Endpoint,
  context: MatchContext,
): Rule["action"] | undefined {
  if (!matchesPeers(rule, endpoint, context)) return undefined;
  const unresolved = rule.peers !== "any" && rule.peers.some(({ of }) => of === "unknown");
  return unresolved && rule.action !== "allow" ? "deny" : rule.action;
}
