import { dropsOf, partOf } from "./drops.js";
import type { DnsRuleDefinition } from "./rule.js";
import { silentStall, stallText } from "./stall.js";
import { peerName, policiesText, policyText } from "./words.js";

/**
 * D6: the policy allows the pods of kube-dns, and the client asks the cache on its node.
 * Evidence: a packet dropped at egress to NodeLocal DNSCache (its link-local address, or port 53
 * of the node) and an evaluation by which some rule of the client would allow a pod of kube-dns:
 * the cache runs in the host network, where no podSelector matches.
 */
export const D6: DnsRuleDefinition = {
  rule: "D6",
  *judge(ledger, slot, around) {
    for (const drop of dropsOf("D6", ledger, slot, around)) {
      const { allowsPods } = drop.kind.verdict;
      const part = partOf("D6", drop, ledger, slot);
      if (allowsPods !== undefined)
        yield { ...part, texts: { ...part.texts, allows: policyText(allowsPods) } };
    }
  },
  describe: (found) => {
    const stall = silentStall(found);
    const server = peerName(found.server);
    const block = found.server.kind === "ip" ? `ipBlock ${server}/32, or ` : "";
    return {
      severity: "critical",
      query: "",
      detail: "",
      stall,
      sentence:
        `${peerName(found.client)} cannot look up names: ${found.texts["allows"] ?? policiesText(found)} allows the pods of kube-dns, ` +
        `but the client asks the DNS cache of its node (${server}), which no podSelector matches; ` +
        `a lookup fails after ${stallText(stall)}.`,
      next: `Allow UDP 53 and TCP 53 to the cache as well: ${block}in Cilium toEntities: [host] or a LocalRedirectPolicy.`,
    };
  },
};
