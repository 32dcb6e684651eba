import { podConditions, podSelectors } from "../../context/selectors.js";
import type { LintContext } from "../../context/context.js";
import type { LintRule } from "../../rule.js";
import { at, policyName } from "../say.js";

export const NP117: LintRule = {
  id: "NP117",
  title: "Selector by a label that Cilium keeps out of identities",
  severity: "high",
  needs: "cluster",
  help: {
    why: "Cilium knows pods by their identity, which leaves out labels that would make one of every pod. A selector that asks for such a label matches nobody, in Cilium's policies and in NetworkPolicies.",
    fix: "Select by a label that is part of the identity, or add it with Cilium's `labels` option.",
  },
  *check(context) {
    if (context.profile.name !== "cilium" && context.settings.cni !== "cilium") return;
    for (const policy of context.manifests.policies)
      for (const { selector } of podSelectors(policy))
        for (const { key, operator, place } of podConditions(selector)) {
          if (!isExcluded(context, key)) continue;
          const where = at(context, policy, place!);
          if (!where) continue;
          const effect =
            operator === "In" || operator === "Exists" ? "matches nobody" : "matches everybody";
          yield {
            ...where,
            message: `${policyName(policy)} selects by ${key}, which is no part of Cilium identities: the condition ${effect}.`,
            basis: "Cilium's default label filter and cilium-config, where the input holds it",
          };
        }
  },
};

function isExcluded({ settings }: LintContext, key: string): boolean {
  return settings.excludedLabels.some((excluded) =>
    excluded.endsWith("*") ? key.startsWith(excluded.slice(0, -1)) : key === excluded,
  );
}
