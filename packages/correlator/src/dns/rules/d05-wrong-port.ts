import { simpleDropRule } from "./drops.js";
import type { DnsRuleDefinition } from "./rule.js";
import { silentStall, stallText } from "./stall.js";
import { peerName, policiesText, setText } from "./words.js";

/**
 * D5: the policy allows the Service's port, the pods listen on another. Evidence: a packet to a
 * resolver dropped at egress on 5353 (OpenShift) or on the port that a Service sends its 53 to,
 * while the evaluation would allow 53. Metrics and health ports of the same pods do not count.
 */
export const D5: DnsRuleDefinition = {
  rule: "D5",
  judge: simpleDropRule("D5"),
  describe: (found) => {
    const stall = silentStall(found);
    return {
      severity: "critical",
      query: "",
      detail: "",
      stall,
      sentence:
        `${peerName(found.client)} cannot look up names: ${policiesText(found)} allows port 53, which is the Service's, ` +
        `but the pods of ${peerName(found.server)} listen on ${setText(found, "ports")}, and policies see the pods' port; ` +
        `a lookup fails after ${stallText(stall)}.`,
      next: `Allow ${setText(found, "ports")} (and the same port over UDP and TCP) in the DNS rule of ${policiesText(found)}.`,
    };
  },
};
