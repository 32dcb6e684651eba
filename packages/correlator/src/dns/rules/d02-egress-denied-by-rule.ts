import { simpleDropRule } from "./drops.js";
import type { DnsRuleDefinition } from "./rule.js";
import { silentStall, stallText } from "./stall.js";
import { isPlural, peerName, policiesText, setText } from "./words.js";

/**
 * D2: a deny rule forbids the lookup. Evidence: a packet to a resolver dropped at egress, and
 * either the data path names the denying policy, or the evaluation finds the deny rule.
 */
export const D2: DnsRuleDefinition = {
  rule: "D2",
  judge: simpleDropRule("D2"),
  describe: (found) => {
    const stall = silentStall(found);
    return {
      severity: "critical",
      query: "",
      detail: "",
      stall,
      sentence:
        `${peerName(found.client)} cannot look up names: ${policiesText(found) || "a deny rule"} ` +
        `${isPlural(found) ? "deny" : "denies"} its queries to ${peerName(found.server)} (${setText(found, "ports")}) by rule; ` +
        `a lookup fails after ${stallText(stall)}.`,
      next: `Narrow the deny rule so that it leaves out ${peerName(found.server)}: it beats every allow rule.`,
    };
  },
};
