import type { Endpoint } from "../../endpoint.js";
import type { MatchContext } from "../../match/context.js";
import { matchesPeers } from "../../match/peer.js";
import { matchesPorts } from "../../match/port.js";
import { rulesIn } from "../../match/rules.js";
import type { Direction, Policy, Protocol, Rule } from "../../policy.js";

/** One direction of a connection, seen from the policies of one end. */
export interface Attempt {
  readonly direction: Direction;
  /** The other end. */
  readonly remote: Endpoint;
  /** The end whose ports count: the remote one for egress. */
  readonly destination: Endpoint;
  readonly protocol: Protocol;
  readonly port: number;
}

/** Whether one of the policies has a rule that lets it pass, and none has one that denies it. Who is selected is not asked. */
export function passes(
  policies: readonly Policy[],
  attempt: Attempt,
  match: MatchContext,
): boolean {
  let allowed = false;
  for (const policy of policies)
    for (const rule of rulesIn(policy, attempt.direction)) {
      if (rule.action === "pass" || (rule.action === "allow" && allowed)) continue;
      if (!ruleMatches(rule, attempt, match)) continue;
      if (rule.action === "deny") return false;
      allowed = true;
    }
  return allowed;
}

export function ruleMatches(
  rule: Rule,
  { remote, destination, protocol, port }: Attempt,
  match: MatchContext,
): boolean {
  return matchesPorts(rule, protocol, port, destination) && matchesPeers(rule, remote, match);
}

/** Whether a policy of the list denies by default in the direction. */
export function isolated(policies: readonly Policy[], direction: Direction): boolean {
  return policies.some(({ isolates }) => isolates[direction]);
}
