import { dropsOf, partOf } from "./drops.js";
import type { DnsRuleDefinition } from "./rule.js";
import { peerName, policiesText } from "./words.js";

/**
 * D4: DNS is allowed over UDP only. Evidence: UDP of the client to the resolver passed and TCP to
 * the same was dropped within one window, and the evaluation allows the one and not the other.
 * How long a client waits for the TCP connection depends on its kernel; nothing is claimed.
 */
export const D4: DnsRuleDefinition = {
  rule: "D4",
  *judge(ledger, slot, around) {
    for (const drop of dropsOf("D4", ledger, slot, around)) yield partOf("D4", drop, ledger, slot);
  },
  describe: (found) => ({
    severity: "high",
    query: "",
    detail: "",
    stall: null,
    sentence:
      `${peerName(found.client)} may ask ${peerName(found.server)} over UDP but not over TCP: ${policiesText(found)} ` +
      "allows only UDP 53, so that lookups with large answers, which are repeated over TCP, fail.",
    next: `Add protocol TCP, port 53 beside UDP 53 to the DNS rule of ${policiesText(found)}.`,
  }),
};
