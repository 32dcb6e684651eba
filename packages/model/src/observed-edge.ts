import type { PolicyName } from "./explanation.js";
import type { Flow } from "./flow.js";
import type { Gap } from "./gap.js";

/** `forwarded`: it passed, also when it was redirected or translated; `audited`: it would have been dropped. */
export const EDGE_OUTCOMES = ["forwarded", "dropped", "audited"] as const;
export type EdgeOutcome = (typeof EDGE_OUTCOMES)[number];

/** Who was at one end of an edge. */
export interface ObservedEnd {
  /** Distinct pods, or addresses of what is no pod. */
  readonly count: number;
  /** Some of them as `namespace/pod` or as address, sorted; at most 20. */
  readonly names: readonly string[];
}

/**
 * All flows of one connection in the words of policies: whose ends have the same labels (an address outside
 * the cluster has itself and its names), protocol, port of the server and outcome.
 * Client to server always: replies are turned round and count as packets of their connection.
 */
export interface ObservedEdge {
  /** Stands for all of them: the newest, with ends, labels, addresses, names, protocol and ports. Not a reply. */
  readonly flow: Flow;
  readonly outcome: EdgeOutcome;
  /** Flows, weighted by `aggregate`; of a denied packet that two events tell, one. */
  readonly flows: number;
  /** First packets of connections among them (SYN, a policy verdict of a new connection); 0 where none was seen. */
  readonly starts: number;
  /** Replies among them: 0 for a scanner that nobody answers. */
  readonly replies: number;
  /** ns since 1970. */
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  /** Hours since 1970 in which it was seen, ascending. */
  readonly hours: readonly number[];
  /** Flows in each of these hours, weighted as `flows`: as many entries as `hours`. */
  readonly hourFlows: readonly number[];
  readonly sources: ObservedEnd;
  readonly destinations: ObservedEnd;
  /** Distinct requests that a proxy saw, the most frequent first, at most 100: `GET /health`, or `kafka …`; names for DNS. */
  readonly requests: readonly { readonly request: string; readonly flows: number }[];
  /**
   * Policies that the data path itself named for some of the flows (`egress_allowed_by` and the like), the most
   * frequent first, at most 20. Policy verdicts alone carry them, each of one side; a flow counts once for each policy.
   */
  readonly named: readonly NamedPolicy[];
}

/** One policy that Hubble named for flows of an edge. */
export interface NamedPolicy {
  readonly direction: "ingress" | "egress";
  readonly action: "allow" | "deny";
  readonly policy: PolicyName;
  /** Weighted. */
  readonly flows: number;
}

/** What was observed in a range, and how far it can be trusted. */
export interface ObservedTraffic {
  /** The range that was asked for, ns since 1970, both ends inclusive. */
  readonly sinceNs: bigint;
  readonly untilNs: bigint;
  /** Flows of the range, before folding. */
  readonly flows: number;
  /** The oldest and the newest of them, ns; 0 when there are none. */
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  /** Most frequent first. */
  readonly edges: readonly ObservedEdge[];
  /** More edges than were kept; 0 when all are there. Never counts as harmless. */
  readonly left: number;
  /** Flows that say nothing about a connection: without ends, without addresses. */
  readonly unplaced: number;
  /** What is known to be missing. */
  readonly gaps: readonly Gap[];
}
