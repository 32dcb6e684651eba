import type { Policy, PortMatch, Rule } from "../../../policy.js";
import { pathSteps } from "../../../source/path.js";
import { peersContain } from "../../compare/rules.js";
import { circlesOf } from "../../context/circles.js";
import type { LintContext } from "../../context/context.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

export const NP102: LintRule = {
  id: "NP102",
  title: "DNS is allowed by UDP alone",
  severity: "medium",
  needs: "spec",
  help: {
    why: "An answer that does not fit into one UDP packet is asked for again over TCP. Without TCP 53 most names work and a few, with many addresses, do not.",
    fix: "Allow TCP port 53 beside UDP.",
  },
  *check(context) {
    for (const policy of context.manifests.policies)
      for (const rule of policy.rules) {
        const port = dnsPort(context, rule);
        if (!port || allowsTcpElsewhere(context, policy, rule, port.first)) continue;
        const where = at(context, policy, port.place);
        if (!where) continue;
        const list = pathSteps(port.place.path).slice(0, -1);
        const cilium = policy.kind.startsWith("Cilium");
        const value = cilium
          ? { port: String(port.first), protocol: "TCP" }
          : { protocol: "TCP", port: port.first };
        yield {
          ...where,
          message: `${ruleName(rule)} of ${policyName(policy)} allows DNS by UDP alone: answers that need TCP fail.`,
          ...(cilium || policy.kind === "NetworkPolicy"
            ? { operations: [{ op: "add", path: [...list, "-"], value } as const] }
            : {}),
        };
      }
  },
};

type NumberPort = Extract<PortMatch, { of: "number" }>;

/** The rule's entry for DNS by UDP, when it has none for TCP. */
function dnsPort({ settings }: LintContext, rule: Rule): NumberPort | undefined {
  if (rule.direction !== "egress" || rule.action !== "allow" || rule.ports === "any")
    return undefined;
  const number = settings.resolver === "openshift" ? 5353 : 53;
  return rule.ports.find(
    (port): port is NumberPort =>
      port.of === "number" &&
      port.first === number &&
      port.last === number &&
      port.protocols.includes("UDP") &&
      !allowsTcp(rule, number),
  );
}

function allowsTcp({ ports }: Rule, number: number): boolean {
  return (
    ports === "any" ||
    ports.some(
      (port) =>
        port.of === "number" &&
        port.first <= number &&
        number <= port.last &&
        port.protocols.includes("TCP"),
    )
  );
}

/** Whether all pods of the policy have a rule, in whatever policy, that allows TCP to the same peers. */
function allowsTcpElsewhere(
  context: LintContext,
  policy: Policy,
  rule: Rule,
  number: number,
): boolean {
  return circlesOf(context, policy).every(({ policies }) =>
    policies.some(({ rules }) =>
      rules.some(
        (other) =>
          other.direction === "egress" &&
          other.action === "allow" &&
          allowsTcp(other, number) &&
          peersContain(other.peers, rule.peers),
      ),
    ),
  );
}
