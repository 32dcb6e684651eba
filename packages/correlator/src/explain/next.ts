import type { Policy, RuleAccount } from "@dropscope/policy";
import { type DirectedCase, peerOfCase, subjectOf } from "./case.js";
import { layerText } from "./packet.js";
import { policyName, policyText } from "./text.js";

/** What to change so that a connection passes that nothing allows; one sentence. */
export function patchText(
  one: DirectedCase,
  isolating: readonly Policy[],
  nearest: RuleAccount | undefined,
): string {
  if (nearest === undefined || nearest.failures.length > 1) {
    const [policy] = isolating;
    return policy === undefined
      ? allowText(one)
      : `If it is wanted, add to ${policyText(policyName(policy))} a rule of ${one.direction} that allows ${scopeText(one)}.`;
  }
  const { policy, rule } = nearest;
  return `If it is wanted, let ${rule.place.path} of ${policyText(policyName(policy))} allow ${scopeText(one)} too.`;
}

export function allowText(one: DirectedCase): string {
  return `If it is wanted, allow ${scopeText(one)} in ${one.direction} of ${subjectOf(one).title}.`;
}

/** A resolver answers in TCP what does not fit into UDP: a rule for one of them is half a rule. */
const DNS_PORT = 53;

function scopeText(one: DirectedCase): string {
  const toward = one.direction === "egress" ? "to" : "from";
  const { layer } = one;
  const isDns = layer?.port === DNS_PORT && (layer.protocol === "UDP" || layer.protocol === "TCP");
  const on = isDns ? `UDP and TCP ${DNS_PORT}` : layerText(one.flow);
  return `${on === "" ? "it" : on} ${toward} ${peerOfCase(one).title}`;
}
