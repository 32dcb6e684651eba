import type { Policy, Rule } from "../../../policy.js";
import { POD_NAMESPACE } from "../../../selector.js";
import { written } from "../../compare/selectors.js";
import { podEvidence } from "../../context/pods.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

export const NP204: LintRule = {
  id: "NP204",
  title: "Rule opens every pod of the namespace",
  severity: "medium",
  needs: "spec",
  help: {
    why: "An empty podSelector selects every pod of the namespace. A rule that lets strangers in is then open on all of them, on those to come too.",
    fix: "Select the pods that need it by their labels.",
  },
  *check(context) {
    for (const { policy } of context.networkPolicies) {
      if (!policy || written(policy.subject.selector).length > 0) continue;
      const pods = context.pods.selectedBy(policy);
      // One workload in the namespace: all is the same as it.
      if (pods.length === 1) continue;
      for (const rule of policy.rules) {
        const open = opens(policy, rule);
        const where = open && at(context, policy, rule.place);
        if (!open || !where) continue;
        yield {
          ...where,
          severity: open.severity,
          message: `${ruleName(rule)} of ${policyName(policy)} opens every pod of namespace ${policy.namespace} ${open.to}.`,
          evidence: pods.map((pod) => podEvidence(pod)),
        };
      }
    }
  },
};

/** To whom a rule opens pods that has to do with the outside of the namespace. DNS and the namespace itself are what every pod needs. */
function opens(
  { namespace }: Policy,
  { direction, peers, ports }: Rule,
): { severity: "medium" | "low"; to: string } | undefined {
  const [to, toSome] =
    direction === "ingress"
      ? ["to everybody", "to peers outside it"]
      : ["towards everybody", "towards peers outside it"];
  if (
    direction === "egress" &&
    ports !== "any" &&
    ports.every(({ of }, i) => of === "number" && isDns(ports[i]!))
  )
    return undefined;
  if (peers === "any") {
    // An allow-all is written on purpose, and says what it does.
    return ports === "any" ? undefined : { severity: "medium", to };
  }
  const outside = peers.some(
    (peer) =>
      peer.of === "cidr" ||
      (peer.of === "endpoints" &&
        !peer.selector.requirements.some(
          ({ key, operator, values }) =>
            key === POD_NAMESPACE &&
            operator === "In" &&
            values.length === 1 &&
            values[0] === namespace,
        )),
  );
  return outside && direction === "ingress" ? { severity: "low", to: toSome } : undefined;
}

function isDns(port: Exclude<Rule["ports"], "any">[number]): boolean {
  return (
    port.of === "number" && port.first === port.last && (port.first === 53 || port.first === 5353)
  );
}
