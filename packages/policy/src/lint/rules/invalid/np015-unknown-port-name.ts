import type { PortMatch } from "../../../policy.js";
import { pathSteps } from "../../../source/path.js";
import { destinationsOf } from "../../context/destinations.js";
import { type Pod, podEvidence } from "../../context/pods.js";
import type { LintRule } from "../../rule.js";
import { at, count, policyName, ruleName } from "../say.js";

export const NP015: LintRule = {
  id: "NP015",
  title: "Port name that no destination pod has",
  severity: "medium",
  needs: "cluster",
  help: {
    why: "A named port is looked up, with its protocol, among the container ports of the destination pod. Where it is not found the entry allows nothing.",
    fix: "Write the number, or the name and protocol as the pods declare them.",
  },
  *check(context) {
    for (const policy of context.manifests.policies)
      for (const rule of policy.rules)
        for (const port of rule.ports === "any" ? [] : rule.ports) {
          if (port.of !== "name") continue;
          const pods = destinationsOf(context, policy, rule);
          if (pods.length === 0 || pods.some((pod) => hasPort(pod, port))) continue;
          const where = at(context, policy, port.place);
          if (!where) continue;
          const others = protocolsOf(pods, port.name);
          const protocol = port.protocols.join("/");
          yield {
            ...where,
            message: `${ruleName(rule)} of ${policyName(policy)} names port ${port.name} (${protocol}), which ${count(pods.length, "destination pod")} ${pods.length === 1 ? "does" : "do"} not declare${others.length > 0 ? ` with this protocol, only as ${others.join(", ")}` : ""}.`,
            evidence: pods.slice(0, 5).map((pod) => podEvidence(pod, portsText(pod))),
            basis: count(pods.length, "destination workload"),
            ...(others.length === 1 && policy.kind === "NetworkPolicy"
              ? {
                  fix: `Write protocol: ${others[0]}.`,
                  operations: [
                    {
                      op: "add",
                      path: [...pathSteps(port.place.path), "protocol"],
                      value: others[0],
                    } as const,
                  ],
                }
              : {}),
          };
        }
  },
};

function hasPort({ endpoint }: Pod, port: Extract<PortMatch, { of: "name" }>): boolean {
  return endpoint.ports.some(
    ({ name, protocol }) => name === port.name && port.protocols.includes(protocol),
  );
}

function protocolsOf(pods: readonly Pod[], name: string): string[] {
  const ports = pods.flatMap(({ endpoint }) => endpoint.ports);
  return [...new Set(ports.filter((port) => port.name === name).map(({ protocol }) => protocol))];
}

/** `http 8080/TCP, metrics 9090/TCP`. */
export function portsText({ endpoint }: Pod): string {
  const ports = endpoint.ports.map(({ name, port, protocol }) =>
    `${name} ${port}/${protocol}`.trim(),
  );
  return ports.length === 0 ? "declares no ports" : ports.slice(0, 4).join(", ");
}
