import type { Direction, Policy } from "../../../policy.js";
import { subjectsDisjoint } from "../../compare/rules.js";
import type { LintContext } from "../../context/context.js";
import { DIRECTIONS } from "../../context/network-policies.js";
import { type Pod, podEvidence } from "../../context/pods.js";
import type { LintRule } from "../../rule.js";
import { at, basisOf, policyName, ruleName, some } from "../say.js";

export const AN002: LintRule = {
  id: "AN002",
  title: "Pass with nothing behind it",
  severity: "medium",
  needs: "spec",
  help: {
    why: "Pass leaves the decision to NetworkPolicies and then to the baseline tier. Where neither has anything to say, the traffic is allowed.",
    fix: "Add a NetworkPolicy that isolates the pods or a baseline rule that denies, or allow the traffic outright if that is meant.",
  },
  *check(context) {
    for (const policy of context.manifests.policies) {
      if (policy.tier !== "admin") continue;
      for (const direction of DIRECTIONS) {
        const pass = policy.rules.find(
          (rule) => rule.direction === direction && rule.action === "pass",
        );
        const left = pass && undecided(context, policy, direction);
        const where = left && at(context, policy, pass.place);
        if (!where) continue;
        const whom = left.length > 0 ? some(left.map(({ endpoint }) => endpoint.name)) : "its pods";
        yield {
          ...where,
          message: `${ruleName(pass)} of ${policyName(policy)} passes ${direction} on, but no NetworkPolicy isolates ${whom} and no baseline rule is about them: it is allowed.`,
          basis: basisOf(context),
          evidence: left.map((pod) => podEvidence(pod)),
        };
      }
    }
  },
};

/** Pods for which no later tier decides; an empty list when the input has no pod and no such policy. */
function undecided(
  context: LintContext,
  policy: Policy,
  direction: Direction,
): readonly Pod[] | undefined {
  const later = context.manifests.policies.filter(
    (other) =>
      (other.tier === "normal" && other.isolates[direction]) ||
      (other.tier === "baseline" && other.rules.some((rule) => rule.direction === direction)),
  );
  const pods = context.pods.selectedBy(policy);
  if (pods.length === 0)
    return later.every((other) => subjectsDisjoint(other, policy)) ? [] : undefined;
  const decided = new Set(later.flatMap((other) => context.pods.selectedBy(other)));
  const left = pods.filter((pod) => !decided.has(pod));
  return left.length > 0 ? left : undefined;
}
