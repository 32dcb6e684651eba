import { NAME_LABEL } from "../../context/namespaces.js";
import { isolatesIn } from "../../context/network-policies.js";
import { podEvidence } from "../../context/pods.js";
import type { LintContext } from "../../context/context.js";
import { labelKey } from "../../context/selectors.js";
import { selectorText } from "../../compare/selectors.js";
import type { LintRule } from "../../rule.js";
import { halvesOf, podsOf } from "./halves.js";

export const NP211: LintRule = {
  id: "NP211",
  title: "Label that any namespace can claim",
  severity: "medium",
  needs: "cluster",
  help: {
    why: "A peer with `namespaceSelector: {}` trusts a label of the pod alone. Whoever may create pods in any namespace can put the label on one and is let in.",
    fix: "Name the namespace as well, by its label kubernetes.io/metadata.name, or guard the label with an admission policy.",
  },
  *check(context) {
    for (const view of context.networkPolicies) {
      if (!view.policy || !isolatesIn(view, "ingress")) continue;
      for (const rule of view.rules.filter(({ direction }) => direction === "ingress"))
        for (const { path, hasNamespaces, hasPods, namespaces, pods } of halvesOf(view, rule)) {
          const anywhere = namespaces.requirements.every(({ place }) => place === undefined);
          const asked = pods.requirements;
          const claimable =
            asked.length > 0 &&
            asked.every(({ operator }) => operator === "In" || operator === "Exists");
          if (!hasNamespaces || !hasPods || !anywhere || !claimable) continue;
          const found = podsOf(context, pods);
          const holders = [...new Set(found.map(({ workload }) => workload.namespace))];
          const [holder] = holders;
          // Many namespaces carry it: then it is a role, and meant for all of them.
          if (
            holder === undefined ||
            holders.length > 1 ||
            !hasOthers(context, holder, view.policy.namespace)
          )
            continue;
          if (isGuarded(context, asked.map(labelKey))) continue;
          yield {
            on: view.source,
            path,
            message:
              `${rule.title} of NetworkPolicy ${view.title} lets in pods with ${selectorText(asked)} of any namespace; ` +
              `only ${holder} has such pods, but every namespace can claim the label.`,
            evidence: found.map((pod) => podEvidence(pod, selectorText(asked))),
            operations: [
              {
                op: "replace",
                path: [...path, "namespaceSelector"],
                value: { matchLabels: { [NAME_LABEL]: holder } },
              },
            ],
          };
        }
    }
  },
};

/** Somebody else is there who could claim it. */
function hasOthers({ pods }: LintContext, ...known: string[]): boolean {
  return pods.all.some(
    ({ workload }) => !known.includes(workload.namespace) && workload.namespace !== "kube-system",
  );
}

function isGuarded({ objects }: LintContext, keys: readonly string[]): boolean {
  return objects.all.some(({ apiVersion, kind, value }) => {
    const guards =
      kind === "ValidatingAdmissionPolicy" ||
      apiVersion.startsWith("kyverno.io/") ||
      apiVersion.startsWith("constraints.gatekeeper.sh/");
    if (!guards) return false;
    const words = JSON.stringify(value);
    return keys.some((key) => words.includes(key));
  });
}
