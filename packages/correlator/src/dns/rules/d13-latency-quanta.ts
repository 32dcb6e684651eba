import type { Ledger } from "../ledger/ledger.js";
import { count, createTally, packetsOf, type Tally } from "../ledger/tally.js";
import { quantumOf } from "../ledger/waits.js";
import type { DnsServer } from "../read/servers.js";
import { repetitionsAround } from "./repetitions.js";
import type { DnsRuleDefinition } from "./rule.js";
import { RETRY_STALL } from "./stall.js";
import { number, peerName } from "./words.js";

/** Late lookups before it is told, and their least share of all repetitions. */
const ENOUGH = 3;
const SHARE = 0.5;

/**
 * D13: lookups that take 5 s (2.5 s with musl) and then succeed. Evidence: at least three attempts
 * that repeat an unanswered one after exactly that time and are answered, making up at least half
 * of all repetitions, while none of the packets was dropped (then it is D1) and no events were
 * lost. It is how the race in connection tracking looks, in which one of two packets vanishes.
 */
export const D13: DnsRuleDefinition = {
  rule: "D13",
  *judge(ledger, slot, around) {
    if (slot.attempts.size === 0) return;
    const byServer = new Map<string, { hits: Tally; others: number; musl: number }>();
    const at = (key: string) => {
      let found = byServer.get(key);
      if (found === undefined)
        byServer.set(key, (found = { hits: createTally(), others: 0, musl: 0 }));
      return found;
    };
    for (const { later, gap } of repetitionsAround(ledger, slot, around)) {
      if (later.slot !== slot.number) continue;
      const found = at(later.of.serverKey);
      const quantum = quantumOf(gap);
      if (quantum === undefined) {
        found.others++;
        continue;
      }
      if (later.answeredAfter === undefined) continue;
      count(found.hits, {
        time: later.time,
        uuid: later.uuid || later.of.sample.uuid,
        layer: "query",
      });
      if (quantum === "musl") found.musl++;
    }
    for (const [key, { hits, others, musl }] of byServer) {
      const server = serverOf(ledger, key);
      if (server !== undefined)
        yield {
          rule: "D13",
          client: ledger.client.peer,
          server: server.peer,
          tally: hits,
          sums: { others, musl },
        };
    }
  },
  describe: (found) => {
    const late = packetsOf(found.tally);
    const others = found.sums["others"] ?? 0;
    if (late < ENOUGH || late < SHARE * (late + others)) return undefined;
    const musl = (found.sums["musl"] ?? 0) * 2 > late;
    return {
      severity: "medium",
      query: "",
      detail: "",
      stall: RETRY_STALL,
      sentence:
        `${number(late, "lookup")} of ${peerName(found.client)} at ${peerName(found.server)} took ${musl ? "2.5" : "5"} s and then succeeded, without any drop: ` +
        "a packet vanished and was sent again, as it happens when A and AAAA queries of one socket race in connection tracking.",
      next: "Look for insert_failed in conntrack -S on the node; NodeLocal DNSCache, kube-proxy replacement, or single-request-reopen (glibc) avoid it. No policy is at fault.",
    };
  },
};

function serverOf(ledger: Ledger, key: string): DnsServer | undefined {
  for (const { servers } of ledger.slots.values()) {
    const found = servers.get(key);
    if (found !== undefined) return found.server;
  }
  return undefined;
}
