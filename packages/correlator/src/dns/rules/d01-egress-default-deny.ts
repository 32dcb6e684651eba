import { slotsAround } from "../ledger/ledger.js";
import { mergeAll, packetsOf, type Tally } from "../ledger/tally.js";
import { dropsOf, partOf } from "./drops.js";
import type { DnsRuleDefinition } from "./rule.js";
import { silentStall, stallText } from "./stall.js";
import { allowText, isPlural, peerName, policiesText, setText } from "./words.js";

/**
 * D1: lookups die at the client's own default deny. Evidence: at least two packets to a resolver
 * (UDP or TCP, the verdict and the drop event of one packet being one) dropped at egress of one
 * workload within the window, and an evaluation that isolates the client and finds no rule
 * that allows it. A single packet is no proof that lookups fail: every resolver asks again.
 */
export const D1: DnsRuleDefinition = {
  rule: "D1",
  *judge(ledger, slot, around) {
    const { windowMs } = around.limits;
    for (const drop of dropsOf("D1", ledger, slot, around)) {
      const all: Tally[] = [];
      for (const other of slotsAround(ledger, slot.number, windowMs))
        for (const { kind, at } of dropsOf("D1", ledger, other, around))
          if (at.server.key === drop.at.server.key && isNear(kind.tally, drop.kind.tally, windowMs))
            all.push(kind.tally);
      if (packetsOf(mergeAll(all)) >= 2) yield partOf("D1", drop, ledger, slot);
    }
  },
  describe: (found) => {
    const stall = silentStall(found);
    const nearest = found.texts["nearest"] ?? "";
    return {
      severity: "critical",
      query: "",
      detail: "",
      stall,
      sentence:
        `${peerName(found.client)} cannot look up names: its queries to ${peerName(found.server)} (${setText(found, "ports")}) ` +
        `are dropped, because ${policiesText(found)} ${isPlural(found) ? "make" : "makes"} deny the default for egress and no rule allows DNS; ` +
        `a lookup fails after ${stallText(stall)}.`,
      next:
        `Add an egress rule to ${policiesText(found)} that allows ${allowText(found)}.` +
        (nearest === "" ? "" : ` Nearest: ${nearest}.`),
    };
  },
};

function isNear(a: Tally, b: Tally, ms: number): boolean {
  return a.first - b.last <= ms && b.first - a.last <= ms;
}
