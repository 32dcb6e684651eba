import { dropsOf, partOf } from "./drops.js";
import type { DnsRuleDefinition } from "./rule.js";
import { silentStall, stallText } from "./stall.js";
import { isPlural, peerName, policiesText, setText } from "./words.js";

/**
 * D3: the resolver's own policies shut the client out. Evidence: a packet dropped at ingress of a
 * pod of kube-dns, CoreDNS or OpenShift's DNS, and an evaluation that says which policies there
 * do it. When clients of two namespaces meet it at the same time it is the policy on the resolver
 * (detail `cluster`), not one about this client.
 */
export const D3: DnsRuleDefinition = {
  rule: "D3",
  *judge(ledger, slot, around) {
    for (const drop of dropsOf("D3", ledger, slot, around)) {
      const namespaces = around.crowd.shutOut(drop.at.server.key, slot.number);
      yield {
        ...partOf("D3", drop, ledger, slot),
        peaks: { wide: namespaces.size >= 2 ? 1 : 0 },
        sets: {
          ports: [`${drop.kind.protocol} ${drop.kind.port}`],
          namespaces: [...namespaces].sort().slice(0, 20),
        },
      };
    }
  },
  describe: (found) => {
    const stall = silentStall(found);
    const wide = (found.peaks["wide"] ?? 0) > 0;
    const others = wide
      ? ` It meets clients of several namespaces (${setText(found, "namespaces")}).`
      : "";
    return {
      severity: "critical",
      query: "",
      detail: wide ? "cluster" : "",
      stall,
      sentence:
        `${policiesText(found)} ${isPlural(found) ? "keep" : "keeps"} queries of ${peerName(found.client)} (${setText(found, "ports")}) ` +
        `out of ${peerName(found.server)}; a lookup fails after ${stallText(stall)}.${others}`,
      next: `Add an ingress rule for every client (from all namespaces, and from nodes for NodeLocal DNSCache) on UDP 53 and TCP 53 to ${policiesText(found)}.`,
    };
  },
};
