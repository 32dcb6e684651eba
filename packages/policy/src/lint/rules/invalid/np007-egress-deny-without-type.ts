import { list } from "../../context/raw.js";
import type { LintRule } from "../../rule.js";

export const NP007: LintRule = {
  id: "NP007",
  title: "Empty egress list without policyTypes denies no egress",
  severity: "high",
  needs: "spec",
  help: {
    why: "Without policyTypes, egress is only restricted when there is an egress rule. An empty list of them, meant as 'deny all', leaves egress open, and ingress is denied instead.",
    fix: "Write policyTypes: [Egress] to deny egress alone, or [Ingress, Egress] to deny both.",
  },
  *check({ networkPolicies }) {
    for (const { source, title, spec, policyTypes } of networkPolicies) {
      if (policyTypes !== undefined || !Object.hasOwn(spec, "egress")) continue;
      if (list(spec["egress"]).length > 0) continue;
      yield {
        on: source,
        path: ["spec", "egress"],
        message: `NetworkPolicy ${title} has an empty egress list and no policyTypes: it denies no egress at all.`,
        // With ingress rules beside it both directions are meant; without, nobody can tell.
        ...(Object.hasOwn(spec, "ingress")
          ? {
              fix: "Write policyTypes: [Ingress, Egress].",
              operations: [
                {
                  op: Object.hasOwn(spec, "policyTypes") ? "replace" : "add",
                  path: ["spec", "policyTypes"],
                  value: ["Ingress", "Egress"],
                } as const,
              ],
            }
          : {}),
      };
    }
  },
};
