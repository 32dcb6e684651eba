import type { LintRule } from "../../rule.js";

export const NP006: LintRule = {
  id: "NP006",
  title: "Egress rules without policyTypes deny ingress too",
  severity: "medium",
  needs: "spec",
  help: {
    why: "When policyTypes is left out it is Ingress, and Egress beside it if there are egress rules. A policy that only speaks of egress thus denies all ingress to its pods.",
    fix: "Write policyTypes: [Egress] if only egress is meant, or [Ingress, Egress] if ingress is to be denied as well.",
  },
  *check({ networkPolicies }) {
    for (const { source, title, spec, policyTypes, rules } of networkPolicies) {
      // Who writes ingress, even an empty list, has thought of it.
      if (policyTypes !== undefined || Object.hasOwn(spec, "ingress")) continue;
      if (!rules.some(({ direction }) => direction === "egress")) continue;
      yield {
        on: source,
        path: ["spec", "egress"],
        message: `NetworkPolicy ${title} has only egress rules and no policyTypes, so that it denies all ingress to its pods too.`,
      };
    }
  },
};
