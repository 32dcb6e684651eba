import { selectorText } from "../../compare/selectors.js";
import { podEvidence } from "../../context/pods.js";
import {
  describesPods,
  isKnownScope,
  podConditions,
  podsInScope,
  subjectSelector,
} from "../../context/selectors.js";
import type { LintRule } from "../../rule.js";
import { at, count, policyName } from "../say.js";

export const NP011: LintRule = {
  id: "NP011",
  title: "Policy that selects no pod",
  severity: "medium",
  needs: "cluster",
  help: {
    why: "A policy whose selector matches no pod protects nothing.",
    fix: "Correct the labels. If the pods are yet to come, say so: annotate the policy with `dropscope.io/ignore: NP011`.",
  },
  *check(context) {
    for (const policy of context.manifests.policies) {
      const subject = subjectSelector(policy);
      if (!subject) continue;
      // Host-network pods are selected in vain too, but that is another fault.
      if (context.pods.labelled(subject.selector).length > 0) continue;
      const conditions = podConditions(subject.selector);
      const scope = podsInScope(context, subject.selector);
      if (!describesPods(conditions) || scope.length === 0) continue;
      if (!isKnownScope(context, subject.selector)) continue;
      const where = at(context, policy, subject.place);
      if (!where) continue;
      const place = policy.namespace === "" ? "of the input" : `in namespace ${policy.namespace}`;
      yield {
        ...where,
        message: `${policyName(policy)} selects pods with ${selectorText(conditions)}, and no pod ${place} has these labels.`,
        evidence: scope.slice(0, 5).map((pod) => podEvidence(pod, labelsText(pod.workload.labels))),
        basis: `${count(scope.length, "workload")} ${place}`,
      };
    }
  },
};

/** The first labels of an object, in the words of kubectl. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  const texts = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return texts.length === 0 ? "no labels" : texts.slice(0, 4).join(", ");
}
