import type { Policy, Rule } from "../../policy.js";
import type { LintContext } from "./context.js";
import type { Pod } from "./pods.js";

/**
 * The pods at which connections that a rule speaks of arrive: the policy's own for
 * ingress, the peers for egress. All pods when an egress rule names no peer. Empty
 * when the rule's peers are no pods.
 */
export function destinationsOf(context: LintContext, policy: Policy, rule: Rule): readonly Pod[] {
  const { pods } = context;
  if (rule.direction === "ingress") return pods.selectedBy(policy);
  if (rule.peers === "any") return pods.all.filter(({ workload }) => !workload.hostNetwork);
  const found = new Set(
    rule.peers.flatMap((peer) =>
      peer.of === "endpoints" || peer.of === "service" ? pods.of(peer) : [],
    ),
  );
  return [...found];
}
