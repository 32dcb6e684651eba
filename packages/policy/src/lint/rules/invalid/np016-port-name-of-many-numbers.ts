import { destinationsOf } from "../../context/destinations.js";
import { podEvidence } from "../../context/pods.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName, some } from "../say.js";

export const NP016: LintRule = {
  id: "NP016",
  title: "Port name that means different numbers",
  severity: "low",
  needs: "cluster",
  help: {
    why: "A named port is looked up on each destination pod by itself, so that one rule may open different ports on different pods.",
    fix: "Write the number if one port is meant; otherwise this is how it works.",
  },
  *check(context) {
    for (const policy of context.manifests.policies)
      for (const rule of policy.rules)
        for (const port of rule.ports === "any" ? [] : rule.ports) {
          if (port.of !== "name") continue;
          const found = destinationsOf(context, policy, rule).flatMap((pod) =>
            pod.endpoint.ports
              .filter((one) => one.name === port.name && port.protocols.includes(one.protocol))
              .map((one) => ({ pod, number: one.port })),
          );
          const firsts = new Map(found.toReversed().map((one) => [one.number, one]));
          if (firsts.size < 2) continue;
          const where = at(context, policy, port.place);
          if (!where) continue;
          const numbers = [...firsts.keys()].toSorted((a, b) => a - b);
          yield {
            ...where,
            message: `Port ${port.name} in ${ruleName(rule)} of ${policyName(policy)} is ${some(numbers.map(String))} on different pods.`,
            evidence: numbers.map((number) =>
              podEvidence(firsts.get(number)!.pod, `${port.name} is ${number}`),
            ),
          };
        }
  },
};
