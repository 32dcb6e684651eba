/**
 * What the dashboard says about problems, policies, name lookups and who talks to whom: REST
 * answers and Socket.IO frames. Times are ms since 1970 unless a name says otherwise.
 */
import type { ChangeMark, ClausePlace, DropExplanation, PolicyName } from "./explanation.js";
import type { DnsFinding, DnsRule } from "./dns-finding.js";
import type { Coverage, FlowRow, Peer, Timeline } from "./live.js";
import type { Problem, ProblemState } from "./problem.js";
import type { Fix } from "./repair.js";

/** A problem as one row of the list: what it needs to be told apart and ranked. */
export interface ProblemRow extends Pick<
  Problem,
  | "id"
  | "state"
  | "outcome"
  | "reason"
  | "direction"
  | "source"
  | "destination"
  | "protocol"
  | "port"
  | "policies"
  | "folded"
  | "count"
  | "rate"
  | "firstSeen"
  | "lastSeen"
  | "podCount"
  | "nodeCount"
  | "peerCount"
  | "agreement"
  | "change"
  | "dns"
> {
  readonly sentence: string;
  readonly next: string;
  /** Forwarded all the same: audit mode only reports. */
  readonly audited: boolean;
  /** Drops in equal steps over the list's `trend`. */
  readonly trend: readonly number[];
}

export type ProblemCounts = Readonly<Record<ProblemState, number>>;

/** Time that the `trend` of each row covers: from the start of the first step to the end of the last. */
export interface TrendSpan {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
}

/** REST: GET /api/v1/problems — what matters now first. Also the picture that a live list starts from. */
export interface ProblemsAnswer {
  readonly at: number;
  readonly trend: TrendSpan;
  readonly problems: readonly ProblemRow[];
  /** Problems that match, by state, on all pages. */
  readonly counts: ProblemCounts;
  /** More problems match than are counted: only the newest were looked at. */
  readonly more: boolean;
  readonly coverage: Coverage;
  /** Give it back as `cursor` for the next page; absent at the end. */
  readonly next?: string;
}

/** What changed in a live list since the last frame. */
export interface ProblemsFrame {
  readonly seq: number;
  readonly at: number;
  /** Rows that are new or differ, whole. */
  readonly changed: readonly ProblemRow[];
  /** Ids in the order of importance; present when it differs. Rows that it leaves out are gone. */
  readonly order?: readonly string[];
  readonly trend?: TrendSpan;
  readonly counts?: ProblemCounts;
  readonly more?: boolean;
  readonly coverage?: Coverage;
}

/** REST: GET /api/v1/problems/:id */
export interface ProblemAnswer {
  readonly problem: Problem;
  /** Drops over time; one series, `drops`. */
  readonly timeline: Timeline;
  /** Changes of policies, labels and the like around it that the viewer may see, oldest first. */
  readonly changes: readonly ChangeMark[];
  /** The policies that took part, as they were at the newest drop. */
  readonly policies: readonly PolicyText[];
  /** Edits that were tried and would let this traffic through, least newly allowed first. */
  readonly fixes: readonly Fix[];
  /** Why there is no fix; empty when there is one. */
  readonly noFix: string;
  /** Why none is needed any more, and what the fixes then are: of the time of the drop. Empty otherwise. */
  readonly already: string;
  /** Newest first. */
  readonly flows: readonly FlowRow[];
  readonly dns: readonly DnsFinding[];
  readonly links: ProblemLinks;
  readonly coverage: Coverage;
}

export interface ProblemLinks {
  /** Filter line that shows its flows. */
  readonly filter: string;
  /** The same as a command for the terminal. */
  readonly command: string;
}

/** A policy's text at one time, with the lines that matter marked. */
export interface PolicyText {
  readonly policy: PolicyName;
  /** When this version held; null: nobody knows since when, or it still does. */
  readonly from: number | null;
  readonly to: number | null;
  /** Who told of it: `folder`, `kubernetes`. */
  readonly source: string;
  /** Empty when the text was not kept. */
  readonly yaml: string;
  readonly marks: readonly LineMark[];
}

/** Lines count from 1; both ends belong to it. */
export interface LineMark {
  readonly first: number;
  readonly last: number;
  readonly role: ClausePlace["role"] | "finding";
  /** Path within the object. */
  readonly path: string;
  /** What is to be said about these lines; may be empty. */
  readonly text: string;
}

/** REST: GET /api/v1/flows/:uuid/explanation */
export interface ExplanationAnswer {
  /** Null for a flow that was not dropped, and until the correlator has come to it. */
  readonly explanation: DropExplanation | null;
  /** Id of the problem that it belongs to; empty when there is none. */
  readonly problem: string;
}

/** REST: GET /api/v1/dns */
export interface DnsAnswer {
  readonly at: number;
  /** Worst first. */
  readonly findings: readonly DnsEntry[];
  readonly counts: Readonly<Partial<Record<DnsRule, number>>>;
  readonly coverage: Coverage;
}

export interface DnsEntry {
  readonly finding: DnsFinding;
  /** Ids of problems that it causes or is caused by. */
  readonly problems: readonly string[];
}

/** REST: GET /api/v1/dns/rates — lookups that Cilium's DNS proxy saw. */
export interface DnsRatesAnswer {
  /** Answers; the key of a series is the response code's number (`0` NOERROR, `3` NXDOMAIN). */
  readonly answers: Timeline;
  /** Questions in the same steps. */
  readonly asked: readonly number[];
  readonly coverage: Coverage;
}

/** REST: GET /api/v1/policies */
export interface PoliciesAnswer {
  /** The moment that is described. */
  readonly at: number;
  /** Before this moment nobody watched, and policies are a guess; null when none was ever told of. */
  readonly knownSince: number | null;
  readonly policies: readonly PolicyRow[];
  /** Whether the lints are through; while they run, findings are those of before the last change. */
  readonly lint: "done" | "running" | "failed";
  readonly coverage: Coverage;
}

export interface PolicyRow {
  readonly policy: PolicyName;
  /** When the version shown began and ended; null: nobody knows since when, or it still holds. */
  readonly from: number | null;
  readonly to: number | null;
  /** Versions that are known of it. */
  readonly versions: number;
  readonly source: string;
  /** Directions in which it makes deny the default, and in which rules of it deny. */
  readonly isolates: { readonly ingress: boolean; readonly egress: boolean };
  readonly denies: { readonly ingress: boolean; readonly egress: boolean };
  /** Pods that it selects, and what they are replicas of. */
  readonly pods: number;
  readonly workloads: number;
  /** Lint findings by severity. */
  readonly findings: FindingCounts;
  /** Ids of problems that are not resolved and that it takes part in. */
  readonly problems: readonly string[];
  /** Drops a minute of these. */
  readonly rate: number;
}

export const FINDING_SEVERITIES = ["error", "high", "medium", "low", "info"] as const;
export type FindingSeverity = (typeof FINDING_SEVERITIES)[number];
export type FindingCounts = Readonly<Record<FindingSeverity, number>>;

/** REST: GET /api/v1/policies/:kind/:namespace/:name (`-` for the namespace of clusterwide kinds) */
export interface PolicyAnswer {
  readonly policy: PolicyName;
  /** Newest first. */
  readonly versions: readonly PolicyVersionText[];
  /** Of the newest version. */
  readonly findings: readonly PolicyFinding[];
  /** As in the row. */
  readonly isolates: { readonly ingress: boolean; readonly egress: boolean };
  readonly denies: { readonly ingress: boolean; readonly egress: boolean };
  readonly selects: PolicySelection;
  /** What matters now first. */
  readonly problems: readonly ProblemRow[];
  readonly trend: TrendSpan;
  readonly coverage: Coverage;
}

export interface PolicyVersionText extends PolicyText {
  readonly resourceVersion: string;
  /** Unified diff from the version before it; empty for the first. */
  readonly diff: string;
}

/** What a lint says about a policy. */
export interface PolicyFinding {
  /** `NP001`. */
  readonly id: string;
  readonly severity: FindingSeverity;
  readonly message: string;
  readonly fix: string;
  /** Lines of the newest version's text, from 1. */
  readonly first: number;
  readonly last: number;
  readonly path: string;
  /** Unified diff of the one right change; empty when there is none. */
  readonly diff: string;
}

export interface PolicySelection {
  readonly podCount: number;
  /** `namespace/name`, at most 200. */
  readonly pods: readonly string[];
  readonly workloads: readonly Peer[];
}

/** REST: GET /api/v1/map — who talks to whom. */
export interface MapAnswer {
  readonly from: number;
  readonly to: number;
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  /** The problems that edges and nodes name by their ids. */
  readonly problems: readonly MapProblem[];
  /** Edges that were left out because there were too many; the busiest and all denied ones stay. */
  readonly left: number;
  readonly coverage: Coverage;
}

/** What tells one problem of an edge from another. */
export type MapProblem = Pick<
  Problem,
  | "id"
  | "source"
  | "destination"
  | "protocol"
  | "port"
  | "direction"
  | "outcome"
  | "reason"
  | "folded"
>;

export interface MapNode {
  readonly id: string;
  readonly peer: Peer;
  /** Flows per second over the range, both ways. */
  readonly forwarded: number;
  readonly dropped: number;
  readonly problems: readonly string[];
}

export interface MapEdge {
  readonly id: string;
  /** Ids of nodes: the client and the server. */
  readonly from: string;
  readonly to: string;
  /** Flows per second over the range. */
  readonly forwarded: number;
  readonly dropped: number;
  /** Dropped flows in the range. */
  readonly drops: number;
  readonly ports: readonly MapPort[];
  /** Only name lookups, or only traffic of nodes: what a map may leave out. */
  readonly kind: "dns" | "host" | "other";
  readonly problems: readonly string[];
}

export interface MapPort {
  readonly protocol: string;
  /** 0 when the protocol has none. */
  readonly port: number;
  readonly forwarded: number;
  readonly dropped: number;
}
