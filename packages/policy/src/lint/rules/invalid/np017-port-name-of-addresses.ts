import { has, show } from "../../context/raw.js";
import type { LintRule } from "../../rule.js";

export const NP017: LintRule = {
  id: "NP017",
  title: "Named port towards addresses",
  severity: "error",
  needs: "spec",
  help: {
    why: "A named port is looked up on the destination pod. Addresses have no named ports, so that an egress rule to ipBlocks alone with a named port allows nothing.",
    fix: "Write the port's number.",
  },
  *check({ networkPolicies }) {
    for (const { source, title, rules } of networkPolicies)
      for (const { title: rule, direction, peers, ports } of rules) {
        // For ingress the name is looked up on the policy's own pods, whatever the source is.
        if (direction === "ingress" || peers.length === 0) continue;
        if (!peers.every(({ value }) => has(value, "ipBlock"))) continue;
        for (const { path, value } of ports) {
          const { port } = value;
          if (typeof port !== "string" || /^\d*$/.test(port)) continue;
          yield {
            on: source,
            path: [...path, "port"],
            message: `${rule} of NetworkPolicy ${title} names port ${show(port)} towards ipBlocks, which have no named ports: it allows nothing.`,
          };
        }
      }
  },
};
