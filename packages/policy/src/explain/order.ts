import type { RuleRef, SideDecision } from "../decision.js";
import type { Policy, Tier } from "../policy.js";
import type { RuleAccount } from "./explanation.js";
import { NEVER } from "./cost.js";

const tiers: readonly Tier[] = ["admin", "normal", "baseline"];
const sections = ["ingressDeny", "egressDeny", "ingress", "egress"] as const;

/** The order in which answers name policies: as they are judged, then by name. It does not depend on the input's order. */
export function comparePolicies(a: Policy, b: Policy): number {
  return (
    tiers.indexOf(a.tier) - tiers.indexOf(b.tier) ||
    a.priority - b.priority ||
    compareTexts(a.namespace, b.namespace) ||
    compareTexts(a.name, b.name) ||
    compareTexts(a.kind, b.kind) ||
    a.specIndex - b.specIndex ||
    compareTexts(a.place.file, b.place.file) ||
    a.place.line - b.place.line
  );
}

export function compareRules(a: RuleRef, b: RuleRef): number {
  return (
    comparePolicies(a.policy, b.policy) ||
    sections.indexOf(a.rule.section) - sections.indexOf(b.rule.section) ||
    a.rule.index - b.rule.index
  );
}

/** Denied because nothing allows it, not by a rule. Cilium writes such a denial out as a derived rule where rules may pass. */
export function isByDefault({ outcome, by }: Pick<SideDecision, "outcome" | "by">): boolean {
  return outcome === "default-denied" || (outcome === "denied" && by.length === 0);
}

/**
 * The rule that needs the least to match. Of equals the one whose peers match:
 * its author knew of this end and only missed the port. Then the order of the
 * accounts. Undefined when no rule can match whatever is edited in one entry.
 */
export function nearestOf(accounts: Iterable<RuleAccount>): RuleAccount | undefined {
  let best: RuleAccount | undefined;
  for (const account of accounts)
    if (account.cost < NEVER && (best === undefined || isNearer(account, best))) best = account;
  return best;
}

function isNearer(a: RuleAccount, b: RuleAccount): boolean {
  if (a.cost !== b.cost) return a.cost < b.cost;
  return a.peersMatch && !b.peersMatch;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
