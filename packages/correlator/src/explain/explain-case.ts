import { type Case, isDirected } from "./case.js";
import { deniedBy } from "./attribution.js";
import { defaultDeny } from "./default-deny.js";
import { deniedByRule } from "./denied-by-rule.js";
import type { Surrounding } from "./in-flight.js";
import { l7Denied } from "./l7-denied.js";
import { authRequired, notPolicy, replyDropped, withoutDirection } from "./others.js";
import { isL7, isReply, REASON } from "./packet.js";
import type { Verdict } from "./verdict.js";

/** Which story a drop is: what the data path said comes first. */
export function explainCase(one: Case, around: Surrounding): Verdict {
  const { reason, flow } = one;
  const byPolicy =
    reason === 0 ||
    reason === REASON.policyDenied ||
    reason === REASON.policyDeny ||
    reason === REASON.authRequired;
  if (!byPolicy) return notPolicy(one);
  if (isL7(flow)) return isDirected(one) ? l7Denied(one, around) : withoutDirection(one);
  if (isReply(flow)) return replyDropped(one);
  if (!isDirected(one)) return withoutDirection(one);
  if (reason === REASON.authRequired) return authRequired(one);
  if (reason === REASON.policyDeny) return deniedByRule(one, around);
  const verdict = defaultDeny(one, around);
  // Audit mode may name what would have denied it, and gives no reason.
  const names = reason === 0 && deniedBy(flow, one.direction).length > 0;
  return names && verdict.outcome === "unexplained" ? deniedByRule(one, around) : verdict;
}
