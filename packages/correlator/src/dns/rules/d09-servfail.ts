import { packetsOf, type Tally } from "../ledger/tally.js";
import { isFrequent } from "./ratio.js";
import type { DnsRuleDefinition } from "./rule.js";
import { REFUSED_STALL } from "./stall.js";
import { number, peerName, percent } from "./words.js";

/**
 * D9: the resolver fails. Evidence: of the answers that the DNS proxy logged for a client within
 * one window more than 5 %, and at least three, are SERVFAIL. No policy is at fault.
 */
export const D9: DnsRuleDefinition = {
  rule: "D9",
  *judge(ledger, slot, around) {
    const of = ({ servfail }: { readonly servfail: Tally }): Tally => servfail;
    const test = { of, share: 0.05, atLeast: 3, ofAtLeast: 3 };
    for (const [key, at] of slot.servers) {
      if (packetsOf(at.servfail) === 0 || !isFrequent(ledger, slot, key, around, test)) continue;
      yield {
        rule: "D9",
        client: ledger.client.peer,
        server: at.server.peer,
        tally: at.servfail,
        sums: { all: packetsOf(at.rcodes) },
      };
    }
  },
  describe: (found) => {
    const failed = packetsOf(found.tally);
    return {
      severity: "high",
      query: "",
      detail: "",
      stall: REFUSED_STALL,
      sentence:
        `${peerName(found.server)} answered ${number(failed, "query", "queries")} of ${peerName(found.client)} with SERVFAIL ` +
        `(${percent(failed, found.sums["all"] ?? 0)} of the answers then): the resolver could not get an answer itself.`,
      next: "Look at the resolver's log and at the servers it forwards to; no policy of this client is at fault.",
    };
  },
};
