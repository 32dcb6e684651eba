import { isolatesIn, type RuleView } from "../../context/network-policies.js";
import { has, isRecord, list, record } from "../../context/raw.js";
import type { LintRule } from "../../rule.js";

export const NP205: LintRule = {
  id: "NP205",
  title: "All pods of all namespaces",
  severity: "medium",
  needs: "spec",
  help: {
    why: "`namespaceSelector: {}` without a podSelector means every pod of the cluster, in every namespace, today and later.",
    fix: "Select the namespaces by their labels, or add a podSelector to the same entry.",
  },
  *check({ networkPolicies }) {
    for (const view of networkPolicies)
      for (const rule of view.rules) {
        if (!isolatesIn(view, rule.direction) || isDnsOnly(rule)) continue;
        for (const { path, value } of rule.peers) {
          if (!isRecord(value["namespaceSelector"]) || !isEmpty(value["namespaceSelector"]))
            continue;
          if (has(value, "podSelector") && !isEmpty(value["podSelector"])) continue;
          const whom =
            rule.direction === "ingress"
              ? "lets every pod of the cluster connect to its pods"
              : "lets its pods connect to every pod of the cluster";
          yield {
            on: view.source,
            path,
            message: `${rule.title} of NetworkPolicy ${view.title} has an empty namespaceSelector, which ${whom}.`,
          };
        }
      }
  },
};

function isEmpty(selector: unknown): boolean {
  const { matchLabels, matchExpressions } = record(selector);
  return Object.keys(record(matchLabels)).length === 0 && list(matchExpressions).length === 0;
}

/** "Any pod, on the port of DNS" is how clusters are written for that name their DNS pods differently. */
function isDnsOnly({ direction, ports }: RuleView): boolean {
  return (
    direction === "egress" &&
    ports.length > 0 &&
    ports.every(({ value }) => value["port"] === 53 || value["port"] === 5353)
  );
}
