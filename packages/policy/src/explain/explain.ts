import type { Decision, SideDecision } from "../decision.js";
import type { Connection, Endpoint } from "../endpoint.js";
import type { MatchContext } from "../match/context.js";
import { selectsEndpoint } from "../match/subject.js";
import type { Direction, Policy } from "../policy.js";
import { decide } from "../reference/decide.js";
import { accountPolicy } from "./account.js";
import type {
  DecisionExplanation,
  PolicyAccount,
  RuleAccount,
  SideExplanation,
} from "./explanation.js";
import { hintsOf } from "./hints.js";
import { comparePolicies, compareRules, isByDefault, nearestOf } from "./order.js";

/**
 * Policies that select each end and have a say in the direction that it is judged
 * in; those whose rules of it are inert may be among them, and are then told of.
 */
export interface Selecting {
  /** Of the source. */
  readonly egress: readonly Policy[];
  /** Of the destination. */
  readonly ingress: readonly Policy[];
}

/**
 * Judges a connection and says why: which policies select each end, what fails in
 * each of their rules, and which rule is nearest. The order of the policies does not count.
 */
export function explain(
  connection: Connection,
  policies: readonly Policy[],
  context: MatchContext,
): DecisionExplanation {
  const selecting = selectingPolicies(connection, policies, context);
  const both = [...new Set([...selecting.egress, ...selecting.ingress])];
  return explainDecision(connection, decide(connection, both, context), selecting, context);
}

/** The policies of a set that have a say in a connection. Time grows with the set; an engine knows them. */
export function selectingPolicies(
  connection: Connection,
  policies: readonly Policy[],
  context: MatchContext,
): Selecting {
  const { from, to } = connection;
  const at = (endpoint: Endpoint, direction: Direction): Policy[] =>
    policies.filter(
      (policy) => mentions(policy, direction) && selectsEndpoint(policy, endpoint, context),
    );
  return { egress: at(from, "egress"), ingress: at(to, "ingress") };
}

/** Whether the policy isolates in the direction, or has rules of it, inert or not. */
function mentions(policy: Policy, direction: Direction): boolean {
  return policy.isolates[direction] || policy.rules.some((rule) => rule.direction === direction);
}

/**
 * Explains a decision that was made already, from the policies that select the
 * ends. Time grows with their rules alone, however many other policies there are.
 */
export function explainDecision(
  connection: Connection,
  decision: Decision,
  selecting: Selecting,
  context: MatchContext,
): DecisionExplanation {
  const side = (direction: Direction): SideExplanation =>
    explainSide(decision[direction], selecting[direction], connection, context);
  return { connection, decision, egress: side("egress"), ingress: side("ingress") };
}

function explainSide(
  decided: SideDecision,
  selecting: readonly Policy[],
  connection: Connection,
  context: MatchContext,
): SideExplanation {
  const { direction, outcome } = decided;
  const [endpoint, peer] =
    direction === "egress" ? [connection.from, connection.to] : [connection.to, connection.from];
  const policies = selecting
    .toSorted(comparePolicies)
    .map((policy) => accountPolicy(policy, direction, connection, peer, context));
  const nearest = isByDefault(decided) ? nearestOf(allowing(policies, context)) : undefined;
  const side = {
    direction,
    outcome,
    endpoint,
    peer,
    policies,
    by: decided.by.toSorted(compareRules),
    ...(nearest === undefined ? {} : { nearest }),
  };
  return { ...side, hints: hintsOf(side, connection, context) };
}

/** Rules that would let the connection in if only they matched. */
function* allowing(
  policies: readonly PolicyAccount[],
  { profile }: MatchContext,
): Generator<RuleAccount> {
  const passed = policies.flatMap(({ policy, rules }) =>
    policy.tier === "normal" ? [] : rules.filter(({ matches }) => matches),
  );
  for (const { policy, rules, inert } of policies) {
    if (inert) continue;
    if (policy.tier === "baseline" && profile.baseline === "spec") continue;
    for (const account of rules)
      if (account.rule.action === "allow" && !passed.some((other) => precedes(other, account)))
        yield account;
  }
}

/** Whether a rule that matches is reached first, so that the other one of its tier never is. */
function precedes(a: RuleAccount, b: RuleAccount): boolean {
  if (a.policy.tier !== b.policy.tier) return false;
  const order = a.policy.priority - b.policy.priority || a.rule.index - b.rule.index;
  return order < 0;
}
