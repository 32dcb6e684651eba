import type { Direction, Policy } from "../../../policy.js";
import type { LintContext } from "../../context/context.js";

/** Of the policies that deny by default, the one that most pods share: a rule in it helps all of them. */
export function broadest(
  context: LintContext,
  policies: readonly Policy[],
  direction: Direction,
): Policy {
  return policies
    .filter(({ isolates }) => isolates[direction])
    .reduce((best, policy) =>
      context.pods.selectedBy(policy).length > context.pods.selectedBy(best).length ? policy : best,
    );
}

/** A policy whose namespace has pods, none of which it selects, denies nobody anything. */
export function isUnused(context: LintContext, policy: Policy): boolean {
  const pods = policy.namespace === "" ? context.pods.all : context.pods.in(policy.namespace);
  return pods.length > 0 && context.pods.selectedBy(policy).length === 0;
}
