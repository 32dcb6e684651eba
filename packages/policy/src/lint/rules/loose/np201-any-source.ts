import { isolatesIn } from "../../context/network-policies.js";
import { podEvidence } from "../../context/pods.js";
import type { LintRule } from "../../rule.js";
import { publishersOf } from "./exposed.js";

export const NP201: LintRule = {
  id: "NP201",
  title: "Ingress from everywhere",
  severity: "high",
  needs: "spec",
  help: {
    why: "An ingress rule without `from` lets in every source: all pods, the nodes, and every address outside that can reach the pods.",
    fix: "Name the sources under `from`; for all pods of the cluster write `namespaceSelector: {}`.",
  },
  *check(context) {
    for (const view of context.networkPolicies) {
      if (!isolatesIn(view, "ingress")) continue;
      const pods = view.policy ? context.pods.selectedBy(view.policy) : [];
      const publishers = publishersOf(context, pods);
      for (const { direction, path, title, value, peersKey } of view.rules) {
        // Written but empty, it is NP202's.
        if (direction !== "ingress" || Object.hasOwn(value, peersKey)) continue;
        const [first] = publishers;
        const published = first
          ? `, and ${first.kind} ${first.namespace}/${first.name} publishes them`
          : "";
        yield {
          on: view.source,
          path,
          severity: first ? "high" : "medium",
          message: `${title} of NetworkPolicy ${view.title} has no from, so that everybody may connect to its pods${published}.`,
          evidence: [...publishers, ...pods.map((pod) => podEvidence(pod))],
        };
      }
    }
  },
};
