/**
 * What the dashboard server and the page say to each other: REST answers and
 * Socket.IO frames. Counts are weighted flows (an aggregated export line counts
 * for what it stands for). Times are ms since 1970 unless a name says ns.
 */
import type { Flow } from "./flow.js";
import type { Gap } from "./gap.js";
import type { ProblemsAnswer, ProblemsFrame } from "./problem-views.js";

/** One end of a flow or of an edge, as a row shows it. */
export interface Peer {
  kind: "workload" | "pod" | "entity" | "name" | "ip" | "unknown";
  namespace: string;
  /** Workload, pod, reserved entity (`world`, `host` …), DNS name or address. */
  name: string;
}

/** A flow as one table row. */
export interface FlowRow {
  uuid: string;
  /** ns since 1970 as a decimal string; "" when the flow has no time. */
  timeNs: string;
  node: string;
  verdict: string;
  /** Drop reason name (`POLICY_DENIED`) or "". */
  reason: string;
  type: string;
  /** What the real CLI prints in its TYPE column (`to-endpoint`, `http-request` …). */
  event: string;
  direction: string;
  reply: "yes" | "no" | "unknown";
  protocol: string;
  source: Peer;
  sourceIp: string;
  sourcePort: number;
  sourcePod: string;
  sourceIdentity: number;
  destination: Peer;
  destinationIp: string;
  destinationPort: number;
  destinationPod: string;
  destinationIdentity: number;
  summary: string;
  /** Names of policies that Hubble attributed, `namespace/name`. */
  policies: string[];
}

/** Everything about one flow. */
export interface FlowDetail {
  flow: Flow;
  row: FlowRow;
  /** The drop reason in plain words, where the flow was dropped. */
  reason?: DropReasonText;
  /** Other events of the same packet or connection within a second (policy verdict beside drop). */
  related: FlowRow[];
}

export interface DropReasonText {
  name: string;
  /** A short title, `Policy denied`. */
  title: string;
  /** What it means, in one or two sentences. */
  meaning: string;
  /** What to look at next. */
  next: string;
}

/** Counts over time. `counts[i]` belongs to `from + i * stepMs`. */
export interface Timeline {
  from: number;
  to: number;
  stepMs: number;
  series: { key: string; counts: number[] }[];
  gaps: Gap[];
}

export interface VerdictCount {
  verdict: string;
  count: number;
}

/** Who was denied to whom, folded over a time range. */
export interface Edge {
  id: string;
  source: Peer;
  destination: Peer;
  protocol: string;
  port: number;
  direction: string;
  verdict: string;
  reason: string;
  count: number;
  /** Per second over the last minute of the range that has passed. */
  rate: number;
  firstSeen: number;
  lastSeen: number;
}

export type PartState = "ok" | "starting" | "degraded" | "down";

/** May this view be trusted? Shown on every page. */
export interface Coverage {
  /** Server clock, ms. */
  now: number;
  source: {
    /** `relay`, `file`, `none`. */
    kind: string;
    address: string;
    state: PartState;
    /** One sentence when the state is not `ok`. */
    message: string;
  };
  nodes: { connected: number; total: number; unavailable: string[] };
  /** Events lost upstream in the last 15 minutes, and since the start of the store. */
  lost: { recent: number; total: number };
  /** ms between the newest stored flow and now; -1 when nothing is stored. */
  lagMs: number;
  flowsPerSecond: number;
  store: {
    state: PartState;
    message: string;
    /** Flows that are safe on disk and wait for the store. */
    waiting: number;
    quarantined: number;
  };
}

/** The state of a live room at one moment; frames go on from here. */
export interface LiveSnapshot {
  at: number;
  coverage: Coverage;
  /** Drops by reason, one bucket per second over the last 15 minutes. */
  drops: Timeline;
  verdicts: VerdictCount[];
  edges: Edge[];
  /** Newest first. */
  flows: FlowRow[];
}

/** What changed since the last frame; sent at most four times a second. */
export interface LiveFrame {
  seq: number;
  at: number;
  /** Added to the buckets of the timeline: [second (ms), reason, count]. */
  drops: [second: number, reason: string, count: number][];
  /** Verdict counts of the last 15 minutes; present when they changed. */
  verdicts?: VerdictCount[];
  /** The whole list, at most every two seconds. */
  edges?: Edge[];
  /** Newest first; at most 200 a frame. */
  flows: FlowRow[];
  /** Matching flows that were not sent because a frame holds 200. */
  more: number;
  /** Frames that this browser was too slow to take. */
  skipped: number;
  coverage?: Coverage;
  /** Every gap of the timeline's span; present when the list changed. */
  gaps?: Gap[];
}

/** Browser to server. An unknown event ends the connection. */
export interface ClientEvents {
  /** `filter` is a line in the language of the CLI (`--verdict DROPPED --to-port 53`). */
  subscribe(
    request: { filter: string },
    answer: (result: { ok: true } | { ok: false; error: ApiError }) => void,
  ): void;
  /** Takes no more frames of flows: the page shows none. */
  unsubscribe(request: Record<string, never>, answer: (result: { ok: true }) => void): void;
  /** Follows the list of problems, beside the flows. `filter` is that of GET /problems. */
  watchProblems(
    request: { filter: string },
    answer: (result: { ok: true } | { ok: false; error: ApiError }) => void,
  ): void;
}

export interface ServerEvents {
  hello(info: { version: string; viewer: string }): void;
  snapshot(snapshot: LiveSnapshot): void;
  frame(frame: LiveFrame): void;
  /** The store or the source went away; the page keeps its last picture. */
  trouble(error: ApiError): void;
  /** The whole list of problems; replaces what was. */
  problems(list: ProblemsAnswer): void;
  problemsFrame(frame: ProblemsFrame): void;
  /** The list of problems cannot be read now; the page keeps its last one. */
  problemsTrouble(error: ApiError): void;
}

export interface ApiError {
  code: string;
  message: string;
  next: string;
  /** Where in the filter line the error is, [start, end). */
  at?: [number, number];
  /** Request id; the server's log has the same. */
  request?: string;
}

/** REST: GET /api/v1/flows */
export interface FlowsAnswer {
  flows: FlowRow[];
  /** Give it back as `cursor` for older flows; absent at the end. */
  next?: string;
}

/** REST: GET /api/v1/overview — everything the page needs for a past range. */
export interface OverviewAnswer {
  drops: Timeline;
  verdicts: VerdictCount[];
  edges: Edge[];
  coverage: Coverage;
}

/** REST: GET /api/v1/verdicts */
export interface VerdictsAnswer {
  verdicts: VerdictCount[];
}

/** REST: GET /api/v1/edges — denied edges, most frequent first. */
export interface EdgesAnswer {
  edges: Edge[];
}

/** REST: GET /api/v1/gaps */
export interface GapsAnswer {
  gaps: Gap[];
}

/** REST: GET /api/v1/status */
export interface StatusAnswer {
  version: string;
  coverage: Coverage;
  /** The ingester's books where it runs in this process: read, repeats, rejected, open, sealed, stored … */
  books?: Record<string, number>;
}
