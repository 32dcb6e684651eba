import type { DnsRuleDefinition } from "./rule.js";
import { isPlural, peerName, policiesText } from "./words.js";

/**
 * D12: names that can never match. Evidence: policies of the client with toFQDNs rules, none of its
 * policies with `rules.dns` on the way to the resolver that it is seen to ask, and queries that
 * were not handed to the DNS proxy. Follows from the policies alone; the flows say who is concerned.
 */
export const D12: DnsRuleDefinition = {
  rule: "D12",
  *judge(ledger, slot) {
    // Told of a client once, whichever servers it asks.
    for (const at of slot.servers.values())
      for (const { policies, tally } of at.unproxied.values()) {
        const { peer: server } = at.server;
        yield { rule: "D12", client: ledger.client.peer, server, at: "", tally, policies };
      }
  },
  describe: (found) => ({
    severity: "high",
    query: "",
    detail: "",
    stall: null,
    sentence:
      `${policiesText(found)} ${isPlural(found) ? "allow" : "allows"} ${peerName(found.client)} names by toFQDNs, but no policy sends its queries ` +
      `to ${peerName(found.server)} through Cilium's DNS proxy, so that the names match no address.`,
    next: 'Allow UDP 53 and TCP 53 to the resolver with rules: {dns: [{matchPattern: "*"}]} in one of the policies.',
  }),
};
