import type { LintRule } from "../../rule.js";
import { ruleName } from "../say.js";
import { peerFields } from "./l3.js";

export const CN023: LintRule = {
  id: "CN023",
  title: "fromNodes or toNodes without node labels",
  severity: "error",
  needs: "cluster",
  help: {
    why: "Cilium selects nodes by their labels only with enable-node-selector-labels. Without it fromNodes and toNodes match nobody.",
    fix: "Set nodeSelectorLabels=true in Cilium's Helm values, or use the entities host and remote-node.",
  },
  *check({ ciliumSpecs, settings, profile }) {
    const known =
      settings.nodeLabels ?? (profile.name === "cilium" ? profile.nodeLabels : undefined);
    if (known !== false) return;
    for (const { source, title, rules } of ciliumSpecs)
      for (const rule of rules)
        for (const { key, items } of peerFields(rule))
          if ((key === "fromNodes" || key === "toNodes") && items.length > 0)
            yield {
              on: source,
              path: [...rule.path, key],
              message:
                `${ruleName({ section: rule.section, index: Number(rule.path.at(-1)) })} of ${source.kind} ${title} uses ${key}, ` +
                "but Cilium does not take node labels into account: it matches nobody.",
            };
  },
};
