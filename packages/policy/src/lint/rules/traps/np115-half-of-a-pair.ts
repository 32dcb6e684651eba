import { matchesPeers } from "../../../match/peer.js";
import { rulesIn } from "../../../match/rules.js";
import type { Direction, Policy, Protocol, Rule } from "../../../policy.js";
import type { LintContext } from "../../context/context.js";
import { type Pod, podEvidence } from "../../context/pods.js";
import { isolated, passes } from "../../context/reach.js";
import { peerSelectors, podConditions } from "../../context/selectors.js";
import type { LintRule } from "../../rule.js";
import { at, count, policyEvidence, policyName, ruleName, some } from "../say.js";

export const NP115: LintRule = {
  id: "NP115",
  title: "Half of a pair",
  severity: "medium",
  needs: "cluster",
  help: {
    why: "A connection must be allowed twice: by egress of the client and by ingress of the server. This rule allows one half, and the policies of the other end deny the other.",
    fix: "Add the matching rule at the other end, or remove this one.",
  },
  *check(context) {
    for (const policy of context.manifests.policies) {
      const own = context.pods.selectedBy(policy);
      if (own.length === 0 || policy.tier !== "normal") continue;
      for (const { rule, selector, place } of peerSelectors(policy)) {
        if (!rule || rule.action !== "allow" || podConditions(selector).length === 0) continue;
        const peer = { of: "endpoints", selector, place } as const;
        const others = context.pods.of(peer);
        if (others.length === 0 || others.length * own.length > MAX_PAIRS) continue;
        const back: Direction = rule.direction === "egress" ? "ingress" : "egress";
        if (!others.every((other) => keepsOut(context, own, other, rule, back))) continue;
        const where = at(context, policy, place);
        if (!where) continue;
        const closing = closingPolicies(context, others, back);
        const names = others.map(({ workload: { namespace, name } }) => `${namespace}/${name}`);
        yield {
          ...where,
          message:
            rule.direction === "egress"
              ? `${ruleName(rule)} of ${policyName(policy)} allows connections to ${some(names)}, whose ingress policies do not let them in.`
              : `${ruleName(rule)} of ${policyName(policy)} allows connections from ${some(names)}, whose egress policies do not let them out.`,
          evidence: [
            ...closing.slice(0, 3).map((one) => policyEvidence(one)),
            ...others.slice(0, 2).map((pod) => podEvidence(pod)),
          ],
          basis: `${count(own.length, "workload")} at this end, ${count(others.length, "workload")} at the other`,
        };
      }
    }
  },
};

/** More pairs of pods than this are not tried: nothing is said then. */
const MAX_PAIRS = 4000;

/** Whether the other end's policies let none of the pods pass on any of the rule's ports. */
function keepsOut(
  context: LintContext,
  own: readonly Pod[],
  other: Pod,
  rule: Rule,
  back: Direction,
): boolean {
  const policies = context.pods.policiesOf(other);
  if (!isolated(policies, back)) return false;
  // A pod always reaches itself.
  const ends = own.filter((pod) => pod !== other);
  return (
    ends.length > 0 && ends.every((pod) => closedFor(context, policies, pod, other, rule, back))
  );
}

function closedFor(
  context: LintContext,
  policies: readonly Policy[],
  own: Pod,
  other: Pod,
  rule: Rule,
  back: Direction,
): boolean {
  const destination = (back === "ingress" ? other : own).endpoint;
  const remote = own.endpoint;
  const ports = portsOf(rule, destination.ports);
  if (ports === undefined)
    return !policies.some((policy) =>
      rulesIn(policy, back).some(
        (one) => one.action === "allow" && matchesPeers(one, remote, context.match),
      ),
    );
  return ports.every(
    ({ protocol, port }) =>
      !passes(policies, { direction: back, remote, destination, protocol, port }, context.match),
  );
}

/** The ports that the rule is about; undefined when they cannot be listed: then any rule for the peer will do. */
function portsOf(
  rule: Rule,
  named: readonly { readonly name: string; readonly protocol: Protocol; readonly port: number }[],
): readonly { readonly protocol: Protocol; readonly port: number }[] | undefined {
  if (rule.ports === "any") return undefined;
  const ports: { protocol: Protocol; port: number }[] = [];
  for (const entry of rule.ports) {
    if (entry.of === "number" && entry.first !== entry.last) return undefined;
    for (const protocol of entry.protocols) {
      if (entry.of === "number") ports.push({ protocol, port: entry.first });
      else
        for (const one of named)
          if (one.name === entry.name && one.protocol === protocol)
            ports.push({ protocol, port: one.port });
    }
  }
  return ports.length > 0 ? ports : undefined;
}

function closingPolicies(
  context: LintContext,
  others: readonly Pod[],
  back: Direction,
): readonly Policy[] {
  const policies = others.flatMap((other) => context.pods.policiesOf(other));
  return [...new Set(policies.filter(({ isolates }) => isolates[back]))];
}
