import type {
  Agreement,
  ChangeMark,
  DropExplanation,
  DropOutcome,
  PolicyName,
} from "./explanation.js";
import type { Peer } from "./live.js";

/**
 * Drops that a person would call one problem: same source workload, destination,
 * port, direction, cause and responsible policies.
 */
export interface Problem {
  /** Hash of what folds: stable over restarts, and the same on every instance. */
  readonly id: string;
  readonly state: ProblemState;
  readonly outcome: DropOutcome;
  /** Drop reason name. */
  readonly reason: string;
  readonly direction: "ingress" | "egress" | "";
  readonly source: Peer;
  /** Workload, DNS name, CIDR or entity. */
  readonly destination: Peer;
  readonly protocol: string;
  /** 0 when the protocol has none. */
  readonly port: number;
  readonly policies: readonly PolicyName[];
  /** What is no longer told apart, because there was too much of it; see `FOLDED`. */
  readonly folded: Folded;
  /** Packets dropped, a packet that two events tell counted once. */
  readonly count: number;
  /** Drops a minute over the last five minutes that have passed. */
  readonly rate: number;
  /** RFC 3339. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** Pods that are affected: of the source, or of the destination where the source is none. Names, at most 50 each; the counts say how many there are. */
  readonly pods: readonly string[];
  readonly podCount: number;
  readonly nodes: readonly string[];
  readonly nodeCount: number;
  /** The other ends: pods, DNS names or addresses, at most 50. */
  readonly peers: readonly string[];
  readonly peerCount: number;
  readonly agreement: Agreement;
  /** The newest explanation that was folded in. */
  readonly explanation: DropExplanation;
  readonly change: ChangeMark | null;
  /** Ids of DNS findings that these drops cause or are caused by. */
  readonly dns: readonly string[];
  /** uuids of sample flows, newest first, at most 10. */
  readonly samples: readonly string[];
}

/**
 * Drops that are this far apart are two episodes, ms: the problem was resolved between them. The
 * default of `--resolved-after`.
 */
export const EPISODE_MS = 15 * 60_000;

/**
 * By the length of an episode, 15 minutes unless it is set otherwise. `new`: first seen less than
 * that ago; `back`: seen again less than that ago, after it was resolved; `ongoing`: for longer;
 * `resolved`: nothing for so long.
 */
export const PROBLEM_STATES = ["new", "ongoing", "back", "resolved"] as const;
export type ProblemState = (typeof PROBLEM_STATES)[number];

/**
 * Addresses of one network (/24, /64) or of the world as one; every port of two ends; every far
 * end of a workload; every workload of a namespace; everything of one outcome and direction.
 */
export const FOLDED = ["", "addresses", "ports", "peers", "workloads", "everything"] as const;
export type Folded = (typeof FOLDED)[number];
