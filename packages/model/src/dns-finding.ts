import type { PolicyName } from "./explanation.js";
import type { Peer } from "./live.js";

/** The detection rules D1–D13; D14 is the stall that each finding states. */
export const DNS_RULES = {
  D1: "dns-egress-default-deny",
  D2: "dns-egress-denied-by-rule",
  D3: "dns-ingress-blocked-at-server",
  D4: "dns-tcp-missing",
  D5: "dns-wrong-port",
  D6: "nodelocal-blocked",
  D7: "dns-proxy-refused",
  D8: "dns-no-response",
  D9: "dns-servfail",
  D10: "nxdomain-amplification",
  D11: "fqdn-cache-miss",
  D12: "fqdn-without-dns-rule",
  D13: "dns-latency-quanta",
} as const;
export type DnsRule = keyof typeof DNS_RULES;

/** What one DNS rule found for one client workload. */
export interface DnsFinding {
  readonly rule: DnsRule;
  /** Same client, rule and scope: same id, whenever it is found again. */
  readonly id: string;
  readonly severity: "critical" | "high" | "medium" | "info";
  /** The workload that asks. */
  readonly client: Peer;
  /** The resolver that was asked; for D11 the address that was not reached. */
  readonly server: Peer;
  /** The name asked for, where it is known. */
  readonly query: string;
  /** Finer cause where a rule has several: `search-expansion`, `no-proxy-rule`, `ttl-expired`, `propagation-race`, `eviction`, `pod`, `node`, `cluster`. */
  readonly detail: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly count: number;
  readonly policies: readonly PolicyName[];
  /** One plain sentence: what, for whom, why. */
  readonly sentence: string;
  /** How long the application stalls, in seconds, as a range with its reason (rule D14). */
  readonly stall: { readonly from: number; readonly to: number; readonly reason: string } | null;
  readonly next: string;
  /** uuids of flows that show it, at most 5. */
  readonly evidence: readonly string[];
  /**
   * uuids of other drops of the same client within 40 s after, the longest stall that was measured;
   * at most 5. That they followed is all that is known.
   */
  readonly failedAfter?: readonly string[];
}
