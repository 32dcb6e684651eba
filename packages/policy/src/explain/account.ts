import type { Connection, Endpoint } from "../endpoint.js";
import type { MatchContext } from "../match/context.js";
import { rulesIn } from "../match/rules.js";
import type { Direction, Policy, Rule } from "../policy.js";
import { costOf } from "./cost.js";
import type { Failure, PolicyAccount, RuleAccount } from "./explanation.js";
import { peersFailures } from "./peer-failures.js";
import { portsFailures } from "./port-failures.js";

/** The rules of one policy in one direction, each with what fails. @param peer the other end */
export function accountPolicy(
  policy: Policy,
  direction: Direction,
  connection: Connection,
  peer: Endpoint,
  context: MatchContext,
): PolicyAccount {
  const rules: RuleAccount[] = [];
  for (const rule of policy.rules)
    if (rule.direction === direction)
      rules.push(accountRule(policy, rule, connection, peer, context));
  const inert = rules.length > 0 && rulesIn(policy, direction).length === 0;
  return { policy, isolates: policy.isolates[direction], inert, rules };
}

function accountRule(
  policy: Policy,
  rule: Rule,
  connection: Connection,
  peer: Endpoint,
  context: MatchContext,
): RuleAccount {
  const peers = peersFailures(rule, peer, context);
  const ports = portsFailures(rule, connection);
  const failures = joined(peers, ports);
  return {
    policy,
    rule,
    matches: failures.length === 0,
    peersMatch: peers.length === 0,
    portsMatch: ports.length === 0,
    failures,
    cost: costOf(failures),
  };
}

function joined(peers: readonly Failure[], ports: readonly Failure[]): readonly Failure[] {
  if (ports.length === 0) return peers;
  return peers.length === 0 ? ports : [...peers, ...ports];
}
