import { has } from "../../context/raw.js";
import type { LintRule } from "../../rule.js";

export const NP001: LintRule = {
  id: "NP001",
  title: "ipBlock beside a selector in one peer",
  severity: "error",
  needs: "spec",
  help: {
    why: "The API server refuses a peer that has ipBlock together with podSelector or namespaceSelector. Such a policy never takes effect.",
    fix: "Split it into two entries of the list: one with the ipBlock, one with the selectors. Either of them then suffices.",
  },
  *check({ networkPolicies }) {
    for (const { source, title, rules } of networkPolicies)
      for (const { title: rule, peers } of rules)
        for (const { path, value } of peers) {
          if (!has(value, "ipBlock")) continue;
          const beside = ["podSelector", "namespaceSelector"].filter((key) => has(value, key));
          if (beside.length === 0) continue;
          const index = path.at(-1) as number;
          yield {
            on: source,
            path,
            message: `${rule} of NetworkPolicy ${title} has a peer with ipBlock and ${beside.join(" and ")}, which the API server refuses.`,
            operations: [
              ...beside.map((key) => ({ op: "remove", path: [...path, key] }) as const),
              {
                op: "add",
                path: [...path.slice(0, -1), index + 1],
                value: Object.fromEntries(beside.map((key) => [key, value[key]])),
              },
            ],
          };
        }
  },
};
