import { selectorText, written } from "../../compare/selectors.js";
import { isRecord, type Json } from "../../context/raw.js";
import { podEvidence } from "../../context/pods.js";
import { POD_NAMESPACE } from "../../../selector.js";
import type { PatchOperation } from "../../../patch/patch.js";
import type { SourceObject } from "../../../objects.js";
import type { LintRule, Path } from "../../rule.js";
import { at, count, policyName, ruleName, some } from "../say.js";

export const CN004: LintRule = {
  id: "CN004",
  title: "Peers are pods of another namespace",
  severity: "high",
  needs: "cluster",
  help: {
    why:
      "`fromEndpoints` and `toEndpoints` of a CiliumNetworkPolicy mean pods of its own namespace. " +
      "Labels that only pods of other namespaces carry select nobody.",
    fix: "Name the namespace beside the labels: `k8s:io.kubernetes.pod.namespace: <namespace>`.",
  },
  *check(context) {
    for (const { policy, clusterwide } of context.ciliumSpecs) {
      if (!policy || clusterwide || context.pods.in(policy.namespace).length === 0) continue;
      for (const rule of policy.rules)
        for (const peer of rule.peers === "any" ? [] : rule.peers) {
          if (peer.of !== "endpoints") continue;
          const { requirements } = peer.selector;
          const labels = written(peer.selector);
          const isScope = ({ key, place }: (typeof requirements)[number]): boolean =>
            place === undefined && key === POD_NAMESPACE;
          // Labels that a pod must lack describe no pod that the author has in mind.
          if (
            !requirements.some(isScope) ||
            !labels.some(({ operator }) => operator === "In" || operator === "Exists")
          )
            continue;
          // The namespace's own pods are few to ask, and mostly the answer.
          if (context.pods.labelled(peer.selector).length > 0) continue;
          const found = context.pods
            .labelled({ requirements: requirements.filter((one) => !isScope(one)) })
            .filter(({ workload }) => !workload.hostNetwork);
          const namespaces = [...new Set(found.map(({ workload }) => workload.namespace))].sort();
          if (found.length === 0 || namespaces.includes(policy.namespace)) continue;
          const where = at(context, policy, peer.place);
          if (!where) continue;
          yield {
            ...where,
            message:
              `${ruleName(rule)} of ${policyName(policy)} selects pods with ${selectorText(labels)} of namespace ` +
              `${policy.namespace}, where there are none; they are in ${some(namespaces)}.`,
            evidence: found.map((pod) => podEvidence(pod, selectorText(labels))),
            basis: `${count(context.pods.in(policy.namespace).length, "workload")} of namespace ${policy.namespace} in the input`,
            ...(namespaces.length === 1
              ? { operations: addNamespace(where.on, where.path, namespaces[0]!) }
              : {}),
          };
        }
    }
  },
};

function addNamespace(on: SourceObject, path: Path, namespace: string): PatchOperation[] {
  let value: unknown = on.value;
  for (const step of path)
    value = isRecord(value) || Array.isArray(value) ? (value as Json)[step] : undefined;
  const key = `k8s:${POD_NAMESPACE}`;
  return isRecord(value) && isRecord(value["matchLabels"])
    ? [{ op: "add", path: [...path, "matchLabels", key], value: namespace }]
    : [{ op: "add", path: [...path, "matchLabels"], value: { [key]: namespace } }];
}
