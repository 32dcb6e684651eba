import { nearest } from "@dropscope/model";
import { groupsOf } from "../../../match/peer.js";
import { selectorText } from "../../compare/selectors.js";
import type { LintRule } from "../../rule.js";
import { at, count, policyName, ruleName } from "../say.js";

export const CN024: LintRule = {
  id: "CN024",
  title: "CIDR group that does not exist",
  severity: "high",
  needs: "cluster",
  help: {
    why: "A reference to a CiliumCIDRGroup that does not exist selects no address: an allow rule allows nobody, a deny rule denies nobody.",
    fix: "Create the group, or correct the reference.",
  },
  *check(context) {
    const { cidrGroups, workloads, policies } = context.manifests;
    // Policies alone may well refer to groups that stand elsewhere.
    if (cidrGroups.length === 0 && workloads.length === 0) return;
    for (const policy of policies)
      for (const rule of policy.rules)
        for (const peer of rule.peers === "any" ? [] : rule.peers) {
          if (peer.of !== "cidr-group" || groupsOf(peer.group, context.match).length > 0) continue;
          const where = at(context, policy, peer.place);
          if (!where) continue;
          const { group } = peer;
          const near =
            "name" in group
              ? nearest(
                  group.name,
                  cidrGroups.map(({ name }) => name),
                )
              : undefined;
          const what =
            "name" in group ? group.name : `with ${selectorText(group.selector.requirements)}`;
          yield {
            ...where,
            severity: cidrGroups.length > 0 ? "high" : "medium",
            message: `${ruleName(rule)} of ${policyName(policy)} refers to CiliumCIDRGroup ${what}, and there is none: the peer matches no address.`,
            evidence: cidrGroups.map(({ name, place }) => ({
              kind: "CiliumCIDRGroup",
              namespace: "",
              name,
              place,
            })),
            basis: count(cidrGroups.length, "CiliumCIDRGroup") + " in the input",
            ...(near === undefined ? {} : { fix: `Did you mean ${near}?` }),
          };
        }
  },
};
