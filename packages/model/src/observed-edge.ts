import type { PolicyName } from "./explanation.js";
import type { Flow } from "./flow.js";
import { urlPath } from "./flow-parts.js";
import { cleanText } from "./text.js";
import type { Gap } from "./gap.js";

/**
 * `forwarded`: it passed, also when it was redirected to a proxy; `audited`: it would have been dropped.
 * What is traced or translated at a socket, or on its way to a service's address, has not met a policy
 * yet: packets of the same connection tell of it again, so it makes no edge.
 */
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
 * All flows of one connection in the words of policies: whose ends have the same labels, namespace and
 * workload (what is no pod has its address and its names), protocol, port of the server and outcome.
 * Client to server always: replies are turned round and count as packets of their connection.
 */
export interface ObservedEdge {
  /**
   * Stands for all of them: the newest, with ends, labels, addresses, names, protocol and port. Never a
   * reply: where nothing but replies was seen, the newest of them turned round. For ICMP the port is the type.
   */
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
  /**
   * Distinct requests that a proxy saw, the most frequent first, at most 100: `GET /health`, or `kafka …`; names for
   * DNS. Empty for a viewer who may not see them.
   */
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
  /** Hours since 1970 in which any flow was stored, also such as were not asked for, ascending. */
  readonly hours: readonly number[];
  /** What is known to be missing. */
  readonly gaps: readonly Gap[];
  /** Which addresses answers of DNS gave, by address; absent for a viewer who may not see them. */
  readonly answers?: readonly ResolvedAddress[];
}

/** An address, and the names for which answers of DNS gave it. */
export interface ResolvedAddress {
  readonly address: string;
  /** As they were asked for, sorted; at most `MOST_NAMES`. */
  readonly names: readonly string[];
}

/** Addresses of DNS answers that are told, at most. */
export const MOST_ANSWERS = 100_000;
/** Edges that one answer looks at, at most: the most frequent ones. */
export const MOST_EDGES = 50_000;
/** Requests of an edge that are told, at most. */
export const MOST_REQUESTS = 100;
/** Names of an end that are told, at most. */
export const MOST_NAMES = 20;
/** Named policies of an edge that are told, at most. */
export const MOST_NAMED = 20;

/**
 * A request as an edge tells it.
 * @param verb method of HTTP, API key of Kafka; empty for DNS
 * @param what URL, without its query or with it; the name that was asked for; the topic
 */
export function edgeRequest(kind: "http" | "dns" | "kafka", verb: string, what: string): string {
  const bare = what.replace(/\?.*$/s, "");
  const text =
    kind === "http"
      ? `${verb} ${urlPath(bare) ?? bare}`
      : kind === "dns"
        ? what
        : `kafka ${verb} ${what}`;
  return cleanText(text.trim(), 200);
}
