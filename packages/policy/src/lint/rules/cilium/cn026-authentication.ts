import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

export const CN026: LintRule = {
  id: "CN026",
  title: "Authentication required where none is possible",
  severity: "high",
  needs: "cluster",
  help: {
    why: "authentication.mode: required drops every packet until both ends have authenticated, which they cannot while mutual authentication is off.",
    fix: "Set authentication.mutual.spire.enabled=true in Cilium's Helm values, or remove the authentication from the rule.",
  },
  *check(context) {
    if (context.settings.mutualAuth !== false) return;
    for (const policy of context.manifests.policies)
      for (const rule of policy.rules) {
        if (rule.authentication !== "required") continue;
        const where = at(context, policy, rule.place);
        if (where)
          yield {
            ...where,
            message: `${ruleName(rule)} of ${policyName(policy)} requires mutual authentication, which is off in this cluster: all that it allows is dropped.`,
          };
      }
  },
};
