import { isCiliumPolicy } from "../../context/cilium-policies.js";
import { isNetworkPolicy } from "../../context/network-policies.js";
import type { LintContext } from "../../context/context.js";
import type { LintRule } from "../../rule.js";
import { count } from "../say.js";

export const NP020: LintRule = {
  id: "NP020",
  title: "Cluster in which nothing enforces policies",
  severity: "high",
  needs: "cluster",
  help: {
    why: "The API server accepts policies whether anything enforces them or not. Flannel alone and the AWS plugin without its network policy agent do not, and only Cilium reads Cilium's policies.",
    fix: "Install a plugin that enforces them, or switch the agent on. Until then every connection is allowed.",
  },
  *check(context) {
    const { settings, objects } = context;
    if (settings.enforces === false) {
      const policies = objects.all.filter(isNetworkPolicy);
      const [first] = policies;
      if (first)
        yield {
          on: first,
          path: [],
          message: `Nothing in this cluster (${settings.cni ?? "no plugin"}) enforces the ${count(policies.length, "NetworkPolicy").replace(/ys$/, "ies")} of the input, of which this is the first.`,
          evidence: pluginEvidence(context),
        };
    }
    if (settings.cni !== undefined && settings.cni !== "cilium") {
      const policies = objects.all.filter(isCiliumPolicy);
      const [first] = policies;
      if (first)
        yield {
          on: first,
          path: [],
          message: `Nothing in this cluster (${settings.cni}) reads the ${policies.length === 1 ? "Cilium policy" : `${policies.length} Cilium policies`} of the input, of which this is the first.`,
          evidence: pluginEvidence(context),
        };
    }
  },
};

function pluginEvidence({ objects }: LintContext) {
  return objects
    .ofKind("DaemonSet")
    .filter(({ name }) => /flannel|aws-node|kindnet|calico|canal|antrea|weave/.test(name))
    .map((source) => ({
      kind: "DaemonSet",
      namespace: source.namespace,
      name: source.name,
      place: source.placeOf(""),
    }));
}
