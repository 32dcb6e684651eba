import { packetsOf, type Tally } from "../ledger/tally.js";
import { isFrequent } from "./ratio.js";
import type { DnsRuleDefinition } from "./rule.js";
import { number, peerName, percent } from "./words.js";

/**
 * D10: most lookups are the search list's. Evidence: of at least 20 answers that the DNS proxy
 * logged for a client within one window, more than 60 % are NXDOMAIN for names that end in a search
 * suffix of the cluster. Advice about `ndots`; nothing is broken.
 */
export const D10: DnsRuleDefinition = {
  rule: "D10",
  *judge(ledger, slot, around) {
    const of = ({ search }: { readonly search: Tally }): Tally => search;
    const test = { of, share: 0.6, atLeast: 12, ofAtLeast: 20 };
    for (const [key, at] of slot.servers) {
      if (packetsOf(at.search) === 0 || !isFrequent(ledger, slot, key, around, test)) continue;
      yield {
        rule: "D10",
        client: ledger.client.peer,
        server: at.server.peer,
        tally: at.search,
        sums: { all: packetsOf(at.rcodes) },
      };
    }
  },
  describe: (found) => {
    const missing = packetsOf(found.tally);
    return {
      severity: "info",
      query: "",
      detail: "",
      stall: null,
      sentence:
        `${number(missing, "answer")} to ${peerName(found.client)} (${percent(missing, found.sums["all"] ?? 0)}) said that a name does not exist ` +
        "which only the search list made: with ndots:5 every outside name is first asked with each suffix of the cluster.",
      next: "Set ndots to 1 or 2 in the pods' dnsConfig, or write outside names with a trailing dot; no policy is at fault.",
    };
  },
};
