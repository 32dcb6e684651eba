import type { Policy } from "../../../policy.js";
import { subjectsEqual } from "../../compare/rules.js";
import type { LintRule } from "../../rule.js";
import { at, policyEvidence, policyName } from "../say.js";
import { isVoid } from "./void.js";

export const NP306: LintRule = {
  id: "NP306",
  title: "Default deny twice",
  severity: "low",
  needs: "spec",
  help: {
    why: "Two policies do nothing but deny the same pods the same directions by default. Whoever removes one to open the pods wonders why nothing happens.",
    fix: "Remove one of them.",
  },
  *check(context) {
    const denying = context.manifests.policies.filter(isDefaultDeny);
    const kept = new Map<string, Policy[]>();
    for (const policy of denying) {
      const same = kept.get(policy.namespace) ?? [];
      const first = same.find(
        (other) => isolatesAlike(other, policy) && subjectsEqual(other, policy),
      );
      const where = first && at(context, policy, policy.place);
      if (!where) {
        kept.set(policy.namespace, [...same, policy]);
        continue;
      }
      yield {
        ...where,
        message: `${policyName(policy)} denies by default what ${policyName(first)} denies already.`,
        evidence: [policyEvidence(first)],
      };
    }
  },
};

/** A policy whose only effect is that its pods are isolated. */
export function isDefaultDeny({ tier, subject, isolates, rules }: Policy): boolean {
  return (
    tier === "normal" &&
    subject.of === "pods" &&
    (isolates.ingress || isolates.egress) &&
    rules.every(isVoid)
  );
}

function isolatesAlike(wider: Policy, policy: Policy): boolean {
  return (
    (wider.isolates.ingress || !policy.isolates.ingress) &&
    (wider.isolates.egress || !policy.isolates.egress)
  );
}
