/** Two ranges side by side: what is different in the second. Times are ms since 1970 unless a name says otherwise. */
import type { ChangeMark, PolicyName } from "./explanation.js";
import type { Gap } from "./gap.js";
import type { Coverage, Peer, Timeline } from "./live.js";

/** `new`: nothing before; `vanished`: nothing after; `verdict`: another state; `drops`: twice or half the drops a second. */
export const EDGE_CHANGES = ["verdict", "drops", "new", "vanished"] as const;
export type EdgeChangeKind = (typeof EDGE_CHANGES)[number];

/** What became of the traffic of an edge: `mixed` is partly dropped, `audited` would be if the policies were enforced. */
export const EDGE_STATES = ["none", "forwarded", "audited", "mixed", "dropped"] as const;
export type EdgeState = (typeof EDGE_STATES)[number];

/** One edge in one range; counts are weighted flows, a packet that two events tell counts once. */
export interface EdgeSide {
  readonly state: EdgeState;
  readonly forwarded: number;
  readonly audited: number;
  readonly dropped: number;
  /** The most frequent drop reason; empty when nothing was dropped. */
  readonly reason: string;
}

/** A client, a server and its port whose traffic differs between two ranges. */
export interface EdgeChange {
  readonly id: string;
  readonly change: EdgeChangeKind;
  readonly client: Peer;
  readonly server: Peer;
  /** `TCP`, `UDP` …; empty when there is none. */
  readonly protocol: string;
  /** Of the server; 0 when the protocol has none. */
  readonly port: number;
  readonly before: EdgeSide;
  readonly after: EdgeSide;
}

/** Edges by what changed, also those that are not listed; `same` did not change. */
export type EdgeCounts = Readonly<Record<EdgeChangeKind | "same", number>>;

/** How often something was counted in either range. */
export interface CountChange {
  /** A drop reason, or a verdict. */
  readonly key: string;
  readonly before: number;
  readonly after: number;
}

/** One of the two ranges, and how far it can be trusted. */
export interface CompareSide {
  readonly from: number;
  readonly to: number;
  readonly flows: number;
  /** Packets. */
  readonly dropped: number;
  /** What is known to be missing. */
  readonly gaps: readonly Gap[];
  /** The range begins earlier than what is stored: it is told from here on. Null: it is stored whole. */
  readonly storedSince: number | null;
}

/** A change of a policy, of a namespace's labels or of those of a workload's pods. */
export interface CompareChange extends Omit<ChangeMark, "what"> {
  readonly what: ChangeMark["what"] | "workload";
  /** Labels that came (`+tier=gold`) and went (`−tier=silver`); empty for policies. */
  readonly labels: readonly string[];
}

/** REST: GET /api/v1/compare */
export interface CompareAnswer {
  readonly before: CompareSide;
  readonly after: CompareSide;
  /** Only those that changed; of each kind of change at most `limit`, the largest first. */
  readonly edges: readonly EdgeChange[];
  readonly counts: EdgeCounts;
  /** Drops by reason, most first. */
  readonly reasons: readonly CountChange[];
  /** Flows by verdict, most first. */
  readonly verdicts: readonly CountChange[];
  /** Oldest first, from the beginning of the earlier range to the end of the later one. */
  readonly changes: readonly CompareChange[];
  /** There were more changes than are listed. */
  readonly moreChanges: boolean;
  /** Drops by reason over the same time; null where the ranges lie too far apart for this filter. */
  readonly timeline: Timeline | null;
  readonly coverage: Coverage;
}

/** REST: GET /api/v1/known — since when what is known; ms since 1970, null when nothing is. */
export interface KnownAnswer {
  /** Single flows. */
  readonly flows: number | null;
  /** Counts by the minute: what is left of flows whose time to be kept is over. */
  readonly counts: number | null;
  readonly policies: number | null;
  /** Pods, and with them their addresses and labels. */
  readonly pods: number | null;
}

/** REST: GET /api/v1/addresses/:address — who had an address at a moment. */
export interface AddressAnswer {
  readonly address: string;
  /** ms since 1970. */
  readonly at: number;
  /** Null: no pod or node that is known had it then. */
  readonly owner: AddressOwner | null;
  /** Who had it within an hour before or after, oldest first. */
  readonly others: readonly AddressOwner[];
  /** DNS names under which flows of the hour before reached it. */
  readonly names: readonly string[];
  /** Policies of that moment that select the owner. */
  readonly policies: readonly PolicyName[];
}

export interface AddressOwner {
  readonly kind: "Pod" | "Node";
  readonly namespace: string;
  readonly name: string;
  /** `key=value`, of then. */
  readonly labels: readonly string[];
  /** ms since 1970; null: nobody knows since when, or it still has it. */
  readonly from: number | null;
  readonly to: number | null;
}
