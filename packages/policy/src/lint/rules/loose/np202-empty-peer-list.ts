import { isolatesIn } from "../../context/network-policies.js";
import { list } from "../../context/raw.js";
import type { LintRule } from "../../rule.js";

export const NP202: LintRule = {
  id: "NP202",
  title: "Empty list of peers allows everybody",
  severity: "high",
  needs: "spec",
  help: {
    why:
      "In a NetworkPolicy an empty `from` or `to` is the same as none: the rule allows every peer. " +
      "What denies all is a policy whose list of rules is empty.",
    fix: "To deny, remove the rule (`ingress: []` with the type in policyTypes); to allow everybody, remove the empty key.",
  },
  *check({ networkPolicies }) {
    for (const view of networkPolicies)
      for (const { direction, path, title, value, peersKey } of view.rules) {
        if (!Object.hasOwn(value, peersKey) || !isolatesIn(view, direction)) continue;
        const written = value[peersKey];
        if (list(written).length > 0 || (written !== null && !Array.isArray(written))) continue;
        const whom =
          direction === "ingress"
            ? "everybody may connect to its pods"
            : "its pods may connect to everybody";
        yield {
          on: view.source,
          path: [...path, peersKey],
          message: `${title} of NetworkPolicy ${view.title} writes ${peersKey} without an entry, so that ${whom}.`,
        };
      }
  },
};
