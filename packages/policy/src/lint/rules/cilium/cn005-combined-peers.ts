import type { LintRule } from "../../rule.js";
import { ruleName, some } from "../say.js";
import { peerFields } from "./l3.js";

export const CN005: LintRule = {
  id: "CN005",
  title: "Two kinds of peers in one rule",
  severity: "error",
  needs: "spec",
  help: {
    why: "Cilium refuses a policy that names its peers in two ways in one rule, such as toEndpoints with toCIDR, and enforces none of it.",
    fix: "Write a rule for each kind of peer, with the ports in each.",
  },
  *check({ ciliumSpecs }) {
    for (const { source, title, rules } of ciliumSpecs)
      for (const rule of rules) {
        const kinds = peerFields(rule).filter(({ items }) => items.length > 0);
        if (kinds.length < 2) continue;
        const name = ruleName({ section: rule.section, index: Number(rule.path.at(-1)) });
        yield {
          on: source,
          path: rule.path,
          message: `${name} of ${source.kind} ${title} combines ${some(
            kinds.map(({ key }) => key),
            8,
          )}, for which Cilium refuses the whole policy.`,
        };
      }
  },
};
