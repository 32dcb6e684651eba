import { selectorText } from "../../compare/selectors.js";
import type { LintContext } from "../../context/context.js";
import { NAME_LABEL, namespaceEvidence } from "../../context/namespaces.js";
import { podEvidence } from "../../context/pods.js";
import {
  describesPods,
  isKnownScope,
  labelKey,
  namespaceConditions,
  namespacesOf,
  peerSelectors,
  podConditions,
  podsInScope,
  type PodSelector,
} from "../../context/selectors.js";
import { POD_NAMESPACE } from "../../../selector.js";
import type { Draft, LintRule } from "../../rule.js";
import { at, count, policyName, ruleName, some } from "../say.js";
import { labelsText } from "./np011-selects-no-pod.js";

export const NP012: LintRule = {
  id: "NP012",
  title: "Peer that matches nobody",
  severity: "medium",
  needs: "cluster",
  help: {
    why: "A peer that matches no pod or no namespace allows nothing.",
    fix: "Correct the labels, or remove the peer. If its pods are yet to come, annotate the policy with `dropscope.io/ignore: NP012`.",
  },
  *check(context) {
    for (const policy of context.manifests.policies)
      for (const peer of peerSelectors(policy)) {
        const draft = unmatchedNamespace(context, peer) ?? unmatchedPods(context, peer);
        const where = draft && at(context, policy, peer.place);
        if (where) yield { ...where, ...draft };
      }
  },
};

type Statement = Omit<Draft, "on" | "path">;

function unmatchedNamespace(context: LintContext, peer: PodSelector): Statement | undefined {
  const conditions = namespaceConditions(peer.selector);
  const { declared } = context.namespaces;
  // Asking by name is NP014's; labels of namespaces are only known of those that are declared.
  if (conditions.length === 0 || declared.length === 0) return undefined;
  if (conditions.some((one) => [POD_NAMESPACE, NAME_LABEL, "name"].includes(labelKey(one))))
    return undefined;
  if (namespacesOf(context, peer.selector).length > 0) return undefined;
  return {
    message: `${title(peer)} names namespaces with ${selectorText(conditions)}, and none has these labels.`,
    evidence: declared.slice(0, 5).map((one) => namespaceEvidence(one, labelsText(one.labels))),
    basis: `${count(declared.length, "namespace")} declared in the input`,
  };
}

function unmatchedPods(context: LintContext, peer: PodSelector): Statement | undefined {
  const conditions = podConditions(peer.selector);
  if (!describesPods(conditions) || context.pods.labelled(peer.selector).length > 0)
    return undefined;
  const scope = podsInScope(context, peer.selector);
  if (scope.length === 0 || !isKnownScope(context, peer.selector)) return undefined;
  // A Cilium policy whose peers stand in another namespace is CN004's.
  const anywhere = { requirements: conditions };
  if (peer.policy.kind.startsWith("Cilium") && context.pods.labelled(anywhere).length > 0)
    return undefined;
  const names = [...new Set(scope.map(({ workload }) => workload.namespace))];
  return {
    message: `${title(peer)} names pods with ${selectorText(conditions)}, and no pod in ${some(names)} has these labels.`,
    evidence: scope.slice(0, 5).map((pod) => podEvidence(pod, labelsText(pod.workload.labels))),
    basis: `${count(scope.length, "workload")} in ${count(names.length, "namespace")}`,
  };
}

function title({ policy, rule }: PodSelector): string {
  return rule ? `${ruleName(rule)} of ${policyName(policy)}` : policyName(policy);
}
