import type { LintContext } from "../../context/context.js";
import { podEvidence } from "../../context/pods.js";
import { podConditions, podSelectors, type PodSelector } from "../../context/selectors.js";
import type { Severity } from "../../finding.js";
import type { LintRule } from "../../rule.js";
import { at, count, policyName, ruleName } from "../say.js";

export const NP018: LintRule = {
  id: "NP018",
  title: "Pods of the host network are selected in vain",
  severity: "high",
  needs: "cluster",
  help: {
    why: "A pod with hostNetwork shares its node's address and identity. Policies do not protect it, and selectors of pods do not mean it as a peer.",
    fix: "As a peer: allow the nodes' addresses by ipBlock, in Cilium the entities host and remote-node. As the subject: take it off the host network, or protect the node (a CiliumClusterwideNetworkPolicy with nodeSelector and the host firewall).",
  },
  *check(context) {
    for (const policy of context.manifests.policies)
      for (const selector of podSelectors(policy)) {
        const { hosts, others } = matched(context, selector);
        if (hosts.length === 0) continue;
        const severity = severityOf(selector, others);
        const where = severity && at(context, policy, selector.place);
        if (!where) continue;
        const whole = others === 0 ? "only " : "";
        yield {
          ...where,
          severity,
          message: selector.rule
            ? `A peer in ${ruleName(selector.rule)} of ${policyName(policy)} matches ${whole}${count(hosts.length, "workload")} of the host network, whose traffic is the node's: ${hosts.length === 1 ? "it is" : "they are"} not meant by it.`
            : `${policyName(policy)} selects ${whole}${count(hosts.length, "workload")} of the host network, which it cannot protect.`,
          evidence: hosts.map((pod) => podEvidence(pod, "hostNetwork: true")),
          basis: count(hosts.length + others, "matching workload"),
        };
      }
  },
};

function matched(
  context: LintContext,
  { selector }: PodSelector,
): { readonly hosts: readonly Parameters<typeof podEvidence>[0][]; readonly others: number } {
  const all = context.pods.labelled(selector);
  const hosts = all.filter(({ workload }) => workload.hostNetwork);
  return { hosts, others: all.length - hosts.length };
}

/** Who asks for labels has these pods in mind; who asks for a whole namespace may well not. */
function severityOf({ selector, rule }: PodSelector, others: number): Severity | undefined {
  if (others === 0) return "high";
  if (podConditions(selector).length > 0) return "medium";
  return rule === undefined ? "low" : undefined;
}
