import { has } from "../../context/raw.js";
import type { LintRule } from "../../rule.js";

const KEYS = ["ipBlock", "podSelector", "namespaceSelector"];

export const NP002: LintRule = {
  id: "NP002",
  title: "Empty peer",
  severity: "error",
  needs: "spec",
  help: {
    why: "A peer must say podSelector, namespaceSelector or ipBlock; the API server refuses an empty one, and the policy never takes effect.",
    fix: "Remove the entry, or write `namespaceSelector: {}` if all pods of the cluster are meant. To mean everybody, leave the whole list out.",
  },
  *check({ networkPolicies }) {
    for (const { source, title, rules } of networkPolicies)
      for (const { title: rule, peers } of rules)
        for (const { path, value } of peers) {
          if (KEYS.some((key) => has(value, key))) continue;
          const others = Object.keys(value).filter((key) => !KEYS.includes(key));
          const what = others.length > 0 ? ` (it has only ${others.slice(0, 3).join(", ")})` : "";
          yield {
            on: source,
            path,
            message: `${rule} of NetworkPolicy ${title} has a peer that names nobody${what}, which the API server refuses.`,
          };
        }
  },
};
