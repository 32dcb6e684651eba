import { selectorText } from "../../compare/selectors.js";
import { podEvidence } from "../../context/pods.js";
import type { LintRule } from "../../rule.js";
import { halvesOf, ownNamespace, podsOf } from "./halves.js";

export const NP207: LintRule = {
  id: "NP207",
  title: "One peer written where two were meant",
  severity: "medium",
  needs: "cluster",
  help: {
    why:
      "podSelector and namespaceSelector in one entry must both hold. Here no pod satisfies both, while pods of the policy's own namespace have the labels " +
      "and the selected namespaces have other pods: that looks like two peers.",
    fix: "Make two entries of it, or correct the labels.",
  },
  *check(context) {
    for (const view of context.networkPolicies) {
      const { policy } = view;
      if (!policy) continue;
      for (const rule of view.rules)
        for (const { path, hasNamespaces, hasPods, namespaces, pods } of halvesOf(view, rule)) {
          if (!hasNamespaces || !hasPods || pods.requirements.length === 0) continue;
          const own = podsOf(context, pods, ownNamespace(policy));
          if (own.length === 0 || podsOf(context, namespaces, pods).length > 0) continue;
          const selected = podsOf(context, namespaces);
          if (selected.length === 0) continue;
          yield {
            on: view.source,
            path,
            message:
              `${rule.title} of NetworkPolicy ${view.title} asks for pods with ${selectorText(pods.requirements)} in namespaces with ` +
              `${selectorText(namespaces.requirements)}, and there are none; such pods are in ${policy.namespace}.`,
            evidence: [
              ...own.slice(0, 3).map((pod) => podEvidence(pod, selectorText(pods.requirements))),
              ...selected.map((pod) => podEvidence(pod, "in a selected namespace")),
            ],
          };
        }
    }
  },
};
