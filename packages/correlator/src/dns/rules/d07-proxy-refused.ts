import { packetsOf } from "../ledger/tally.js";
import type { DnsRuleDefinition } from "./rule.js";
import { REFUSED_STALL } from "./stall.js";
import { number, peerName, policiesText } from "./words.js";

/**
 * D7: Cilium's DNS proxy refuses the name. Evidence: the proxy's log of a query it dropped, or of
 * an answer REFUSED, and policies none of whose `rules.dns` has the name; REFUSED for a name that
 * they have comes from the server behind. Where the name without a search suffix is allowed, it is
 * the resolver's search list that is refused (detail `search-expansion`).
 */
export const D7: DnsRuleDefinition = {
  rule: "D7",
  *judge(ledger, slot) {
    for (const { server, refusals } of slot.servers.values())
      for (const { family, query, isExpansion, policies, tally } of refusals.values())
        yield {
          rule: "D7",
          client: ledger.client.peer,
          server: server.peer,
          family,
          cause: isExpansion ? "search-expansion" : "",
          tally,
          policies,
          texts: { query },
        };
  },
  describe: (found) => {
    const query = found.family || found.texts["query"] || "";
    const times = number(packetsOf(found.tally), "time");
    const who = peerName(found.client);
    const by = policiesText(found);
    if (found.cause === "search-expansion")
      return {
        severity: "medium",
        query,
        detail: found.cause,
        stall: REFUSED_STALL,
        sentence:
          `${who} may ask for ${query}, but its resolver first asks for ${found.texts["query"]}, which the DNS proxy refused (${times}): ` +
          `the DNS rules of ${by} leave out the search list. Images with musl fail after 5 s.`,
        next: `Add matchPattern: "**.cluster.local" to the DNS rule of ${by}, or set ndots to 1 in the pods' dnsConfig, or ask with a trailing dot.`,
      };
    return {
      severity: "high",
      query,
      detail: "",
      stall: REFUSED_STALL,
      sentence: `The DNS proxy refused ${who} the name ${query} (${times}): no DNS rule${by === "" ? "" : ` of ${by}`} has it.`,
      next: `If the name is wanted, add matchName: ${query} to rules.dns${by === "" ? "" : ` of ${by}`}.`,
    };
  },
};
