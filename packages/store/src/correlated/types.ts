import type {
  Agreement,
  AuditFinding,
  ChangeMark,
  DnsFinding,
  DropExplanation,
  DropOutcome,
  Flow,
  Folded,
  Peer,
  PolicyName,
  Problem,
  ProblemState,
  Timeline,
  Viewer,
} from "@dropscope/model";
import type { LandedBatch, TimeRange } from "../reader.js";

/** The explained flows of a batch. */
export interface ExplainedBatchRows {
  readonly batch: Pick<LandedBatch, "id" | "storedAt">;
  readonly rows: readonly ExplainedRow[];
}

/** One explained flow as it is stored. */
export interface ExplainedRow {
  readonly batch: bigint;
  /** ns since 1970. */
  readonly timeNs: bigint;
  /** Of the flow, or what stands for it in the store. */
  readonly uuid: string;
  /** Id of the problem: 16 hex digits. */
  readonly problem: string;
  readonly told: "drop" | "verdict";
  /** Flows that it stands for. */
  readonly weight: number;
  readonly outcome: DropOutcome;
  readonly agreement: Agreement;
  readonly sourceNamespace: string;
  readonly destinationNamespace: string;
  readonly pod: string;
  readonly peer: string;
  readonly node: string;
  /** A `DropExplanation` without uuid and time, as JSON. */
  readonly explanation: string;
}

/** A finding of the enforcement audit as it is stored. */
export interface AuditRecord extends AuditFinding {
  /** Newest batches that are counted in it: one that is done again after a kill adds nothing. */
  readonly batches?: readonly string[];
}

/** Names, of which the first 50 are kept, and how many there are: exactly up to 256, then within a few percent. */
export interface NameSet {
  readonly names: readonly string[];
  readonly count: number;
  /** The 256 smallest hashes of the names. */
  readonly sketch: readonly number[];
}

/**
 * What a problem is and was last. Everything here comes out the same when a flow is folded in
 * twice; what does not (how often) is in `problem_minutes`.
 */
export interface ProblemRecord {
  readonly id: string;
  /** Coarser keys that it belongs to, the finest first. */
  readonly families: readonly string[];
  readonly outcome: DropOutcome;
  readonly reason: string;
  readonly direction: Problem["direction"];
  readonly source: Peer;
  readonly destination: Peer;
  readonly protocol: string;
  readonly port: number;
  readonly policies: readonly PolicyName[];
  readonly folded: Folded;
  /** Of the flows, ns since 1970. */
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  /** Sightings, ms since 1970: times of flows, but not later than their batches landed. */
  readonly first: number;
  readonly last: number;
  readonly episode: number;
  readonly landedAt: number;
  readonly pods: NameSet;
  readonly nodes: NameSet;
  readonly peers: NameSet;
  readonly agreement: Agreement;
  readonly explanation: DropExplanation;
  readonly change: ChangeMark | null;
  /** Newest first, at most 10. */
  readonly samples: readonly { readonly uuid: string; readonly timeNs: bigint }[];
  readonly dns: readonly string[];
}

/** How often a problem happened in one minute (ms since 1970, whole minutes) of one batch. */
export interface ProblemMinute {
  readonly problem: string;
  readonly minute: number;
  readonly drops: number;
  readonly verdicts: number;
}

/** A flow that the correlator reads. */
export interface LandedFlow {
  readonly batch: bigint;
  /** The flow's uuid, or what stands for it. */
  readonly uuid: string;
  readonly timeNs: bigint;
  readonly weight: number;
  readonly flow: Flow;
}

export interface ProblemQuery {
  /** Problems of which neither end lies in a namespace of the viewer are never in the answer; of the rest, what the viewer may not see is cut. */
  readonly viewer: Viewer;
  /** Only problems that happened within it; count and rate are then those of the range. ns since 1970. */
  readonly range?: TimeRange;
  /** As it was at a moment, ms since 1970, to the minute; states are those of then. The range should reach a day back. */
  readonly asOf?: number;
  readonly states?: readonly ProblemState[];
  readonly outcomes?: readonly string[];
  /** Of either end. */
  readonly namespace?: string;
  /** At most; 500 when absent. */
  readonly limit?: number;
}

/** One explained flow of a problem. */
export interface ExplainedFlow {
  readonly uuid: string;
  /** ns since 1970. */
  readonly timeNs: bigint;
  /** Id of the problem that the flow is part of. */
  readonly problem: string;
  readonly explanation: DropExplanation;
}

export interface DnsQuery {
  readonly viewer: Viewer;
  /** Findings that were last seen in it or later, and first seen in it or earlier. */
  readonly range?: TimeRange;
  readonly ids?: readonly string[];
  readonly namespace?: string;
  readonly limit?: number;
}

/** Answers what the correlator knows, from the store alone: any process may ask. */
export interface ProblemReader {
  /** What is going on before what is over, then by rate, then the newest first. */
  problems(query: ProblemQuery, signal?: AbortSignal): Promise<Problem[]>;
  /** Undefined when there is none, or none that the viewer may see. `range` limits count and rate. */
  problem(
    id: string,
    viewer: Viewer,
    options?: { readonly range?: TimeRange; readonly asOf?: number },
    signal?: AbortSignal,
  ): Promise<Problem | undefined>;
  /**
   * Drops of a problem over time, one series with its outcome as key, and the gaps of the range.
   * From the counts by minute where the step allows it, else from the explained flows.
   */
  timeline(
    id: string,
    query: {
      readonly viewer: Viewer;
      readonly since: bigint;
      readonly until: bigint;
      readonly stepMs: number;
    },
    signal?: AbortSignal,
  ): Promise<Timeline | undefined>;
  /** Why a stored flow was dropped; undefined when it is not explained (yet), or not the viewer's to see. */
  explanationOf(
    uuid: string,
    viewer: Viewer,
    signal?: AbortSignal,
  ): Promise<ExplainedFlow | undefined>;
  /** Flows of a problem, newest first. `before` (ns) goes on where a page ended. */
  flowsOf(
    id: string,
    query: { readonly viewer: Viewer; readonly limit: number; readonly before?: bigint },
    signal?: AbortSignal,
  ): Promise<ExplainedFlow[]>;
  /** The worst first. */
  dnsFindings(query: DnsQuery, signal?: AbortSignal): Promise<DnsFinding[]>;
  /** How far the correlator is: when the newest batch that it has done landed, ms since 1970; 0 when there is none. */
  correlatedUntil(signal?: AbortSignal): Promise<number>;
}
