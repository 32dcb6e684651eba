import type { NetworkPolicyView } from "../../context/network-policies.js";
import { has, list, record } from "../../context/raw.js";
import type { Cni } from "../../options.js";
import type { LintRule, Path } from "../../rule.js";

/** What a plugin does with a part of the API that it does not know. */
const GAPS: readonly { readonly cni: Cni; readonly feature: Feature; readonly effect: string }[] = [
  { cni: "weave", feature: "endPort", effect: "only the first port is allowed" },
  { cni: "weave", feature: "SCTP", effect: "the entry allows nothing" },
  { cni: "openshift-sdn", feature: "except", effect: "the whole block is ignored" },
  { cni: "openshift-sdn", feature: "egress", effect: "older versions ignore egress rules" },
  { cni: "openshift-sdn", feature: "endPort", effect: "only the first port is allowed" },
];

type Feature = "endPort" | "SCTP" | "except" | "egress";

export const NP021: LintRule = {
  id: "NP021",
  title: "Part of the API that this network plugin does not implement",
  severity: "medium",
  needs: "cluster",
  help: {
    why: "A plugin may ignore what it does not implement, without a word.",
    fix: "Write it in the terms that the plugin knows (single ports, blocks without exceptions), or use a plugin that implements it.",
  },
  *check({ networkPolicies, settings }) {
    for (const { cni, feature, effect } of GAPS) {
      if (cni !== settings.cni) continue;
      for (const view of networkPolicies)
        for (const path of USES[feature](view))
          yield {
            on: view.source,
            path,
            message: `NetworkPolicy ${view.title} uses ${feature}, which ${cni} does not implement: ${effect}.`,
          };
    }
  },
};

const USES: Readonly<Record<Feature, (view: NetworkPolicyView) => Path[]>> = {
  endPort: ({ rules }) =>
    ports(rules)
      .filter(({ value }) => has(value, "endPort") && value["endPort"] !== value["port"])
      .map(({ path }) => path.concat("endPort")),
  SCTP: ({ rules }) =>
    ports(rules)
      .filter(({ value }) => value["protocol"] === "SCTP")
      .map(({ path }) => path.concat("protocol")),
  except: ({ rules }) =>
    rules
      .flatMap(({ peers }) => peers)
      .filter(({ value }) => list(record(value["ipBlock"])["except"]).length > 0)
      .map(({ path }) => path.concat("ipBlock", "except")),
  egress: ({ rules }) =>
    rules.some(({ direction }) => direction === "egress") ? [["spec", "egress"]] : [],
};

function ports(rules: NetworkPolicyView["rules"]): NetworkPolicyView["rules"][number]["ports"] {
  return rules.flatMap((rule) => rule.ports);
}
