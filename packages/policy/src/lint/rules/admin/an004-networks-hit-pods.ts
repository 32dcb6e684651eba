import type { Peer, Policy, Rule } from "../../../policy.js";
import { POD_NAMESPACE, POLICY_CLUSTER } from "../../../selector.js";
import { cidrCovers } from "../../compare/cidrs.js";
import { peersContain, subjectContains } from "../../compare/rules.js";
import type { LintContext } from "../../context/context.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

export const AN004: LintRule = {
  id: "AN004",
  title: "Denied networks include the pods",
  severity: "high",
  needs: "spec",
  help: {
    why:
      "By the API, `networks` are addresses of whatever kind: denying 0.0.0.0/0 also cuts pods off from each other and from DNS. " +
      "Cilium does not count pods among networks, so that the same policy does something else there.",
    fix: "Put a rule in front that accepts or passes `namespaces: {}`, or leave the pods' ranges out of the networks.",
  },
  *check(context) {
    for (const policy of context.manifests.policies) {
      if (policy.tier === "normal") continue;
      for (const rule of policy.rules) {
        if (rule.action !== "deny" || rule.peers === "any") continue;
        const hit = rule.peers.find((peer) => peer.of === "cidr" && holdsPods(context, peer.cidr));
        if (hit?.of !== "cidr" || isSpared(context, policy, rule)) continue;
        const where = at(context, policy, hit.place);
        if (!where) continue;
        const cilium = context.profile.name === "cilium";
        yield {
          ...where,
          severity: cilium ? "medium" : "high",
          message:
            `${ruleName(rule)} of ${policyName(policy)} denies ${hit.cidr}, which by the API includes every pod` +
            `${cilium ? ", though not on Cilium" : ", and no rule before it lets pods through"}.`,
        };
      }
    }
  },
};

function holdsPods({ settings, manifests }: LintContext, cidr: string): boolean {
  if (/\/0+$/.test(cidr)) return true;
  const pods = [...settings.podCidrs, ...manifests.workloads.flatMap(({ addresses }) => addresses)];
  return pods.some((range) => cidrCovers(cidr, range));
}

/** Whether pods are let through before the rule is reached. */
function isSpared({ manifests, profile }: LintContext, policy: Policy, rule: Rule): boolean {
  const everyPod: Peer = {
    of: "endpoints",
    selector: {
      requirements: [
        { source: "k8s", key: POD_NAMESPACE, operator: "Exists", values: [] },
        { source: "k8s", key: POLICY_CLUSTER, operator: "In", values: [profile.cluster] },
      ],
    },
    place: rule.place,
  };
  const lets = (one: Rule): boolean =>
    one.direction === rule.direction &&
    one.action !== "deny" &&
    one.ports === "any" &&
    peersContain(one.peers, [everyPod]);
  return (
    policy.rules.some((one) => one.index < rule.index && lets(one)) ||
    manifests.policies.some(
      (other) =>
        other.tier === policy.tier &&
        other.priority < policy.priority &&
        subjectContains(other, policy) &&
        other.rules.some(lets),
    )
  );
}
