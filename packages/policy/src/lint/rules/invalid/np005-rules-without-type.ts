import { DIRECTIONS, isolatesIn } from "../../context/network-policies.js";
import type { LintRule } from "../../rule.js";

export const NP005: LintRule = {
  id: "NP005",
  title: "Rules in a direction that policyTypes leaves out",
  severity: "high",
  needs: "spec",
  help: {
    why: "Rules count only in the directions that policyTypes names. The others are accepted and ignored: what they were to restrict stays open.",
    fix: "Add the direction to policyTypes, or remove its rules.",
  },
  *check({ networkPolicies }) {
    for (const view of networkPolicies) {
      if (view.policyTypes === undefined) continue;
      for (const direction of DIRECTIONS) {
        const rules = view.rules.filter((rule) => rule.direction === direction);
        if (rules.length === 0 || isolatesIn(view, direction)) continue;
        const type = direction === "ingress" ? "Ingress" : "Egress";
        yield {
          on: view.source,
          path: ["spec", direction],
          message: `NetworkPolicy ${view.title} has ${direction} rules, but policyTypes lacks ${type}: they do nothing, and ${direction} stays as open as it was.`,
          fix: `Add ${type} to policyTypes, or remove the ${direction} rules.`,
          operations: [{ op: "add", path: ["spec", "policyTypes", "-"], value: type }],
        };
      }
    }
  },
};
