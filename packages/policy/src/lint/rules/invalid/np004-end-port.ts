import { has, show } from "../../context/raw.js";
import type { LintRule } from "../../rule.js";

export const NP004: LintRule = {
  id: "NP004",
  title: "endPort without a port that starts the range",
  severity: "error",
  needs: "spec",
  help: {
    why: "endPort needs a numeric port that is not larger; the API server refuses everything else, and the policy never takes effect.",
    fix: "Write the first port of the range as a number under port and the last one under endPort.",
  },
  *check({ networkPolicies }) {
    for (const { source, title, rules } of networkPolicies)
      for (const { title: rule, ports } of rules)
        for (const { path, value } of ports) {
          if (!has(value, "endPort")) continue;
          const { port, endPort } = value;
          const wrong =
            typeof port !== "number"
              ? has(value, "port")
                ? `port ${show(port)}, which is no number`
                : "no port"
              : typeof endPort === "number" && endPort >= port
                ? undefined
                : `port ${port}, which is larger`;
          if (wrong === undefined) continue;
          yield {
            on: source,
            path: [...path, "endPort"],
            message: `${rule} of NetworkPolicy ${title} has endPort ${show(endPort)} with ${wrong}; the API server refuses it.`,
          };
        }
  },
};
