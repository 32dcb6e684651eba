import { podEvidence } from "../../context/pods.js";
import { podConditions } from "../../context/selectors.js";
import { selectorText } from "../../compare/selectors.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, some } from "../say.js";

export const AN005: LintRule = {
  id: "AN005",
  title: "Subject uses the host's network",
  severity: "high",
  needs: "cluster",
  help: {
    why: "Admin and baseline policies are not about pods of the host network, whatever their labels: the policy does nothing for them.",
    fix: "Protect the node instead, or take the pods off the host network.",
  },
  *check(context) {
    for (const policy of context.manifests.policies) {
      if (policy.tier === "normal") continue;
      const asked = podConditions(policy.subject.selector);
      // Whoever selects whole namespaces has not these pods in mind.
      if (asked.length === 0) continue;
      const pods = context.pods
        .labelled(policy.subject.selector)
        .filter(({ workload }) => workload.hostNetwork);
      const where = at(context, policy, policy.subject.place);
      if (pods.length === 0 || !where) continue;
      yield {
        ...where,
        message: `${policyName(policy)} is about pods with ${selectorText(asked)}, but ${some(pods.map(({ endpoint }) => endpoint.name))} ${pods.length === 1 ? "uses" : "use"} the host's network, where it has no effect.`,
        evidence: pods.map((pod) => podEvidence(pod, "hostNetwork: true")),
      };
    }
  },
};
