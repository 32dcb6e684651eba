import { isRecord, list, record, text } from "../../context/raw.js";
import type { CiliumSpecView } from "../../context/cilium-policies.js";
import type { LintRule, Path } from "../../rule.js";

export const CN017: LintRule = {
  id: "CN017",
  title: "Subject in another namespace",
  severity: "high",
  needs: "spec",
  help: {
    why: "A CiliumNetworkPolicy only ever selects pods of its own namespace. A namespace in its endpointSelector is overridden by that, so that other pods are selected than it says.",
    fix: "Move the policy to the namespace that it names, or make it a CiliumClusterwideNetworkPolicy.",
  },
  *check({ ciliumSpecs }) {
    for (const view of ciliumSpecs) {
      if (view.clusterwide) continue;
      const { source, title } = view;
      for (const { path, namespaces } of named(view)) {
        if (namespaces.length === 0 || namespaces.includes(source.namespace)) continue;
        yield {
          on: source,
          path,
          message: `${source.kind} ${title} names namespace ${namespaces.join(", ")} in its endpointSelector, but it only selects pods of ${source.namespace}.`,
        };
      }
    }
  },
};

const KEY =
  /^(k8s:|any:)?(io\.kubernetes\.pod\.namespace|io\.cilium\.k8s\.namespace\.labels\.kubernetes\.io\/metadata\.name)$/;

function* named({
  spec,
  path,
}: CiliumSpecView): Iterable<{ path: Path; namespaces: readonly string[] }> {
  const selector = record(spec["endpointSelector"]);
  const base = [...path, "endpointSelector"];
  for (const [key, value] of Object.entries(record(selector["matchLabels"])))
    if (KEY.test(key)) yield { path: [...base, "matchLabels", key], namespaces: [text(value)] };
  for (const [index, item] of list(selector["matchExpressions"]).entries())
    if (isRecord(item) && KEY.test(text(item["key"])) && item["operator"] === "In")
      yield {
        path: [...base, "matchExpressions", index],
        namespaces: list(item["values"]).map(text),
      };
}
