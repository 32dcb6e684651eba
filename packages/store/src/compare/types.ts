import type { EdgeChange, EdgeCounts, FlowSelection, Viewer } from "@dropscope/model";
import type { TimeRange } from "../reader.js";

/** Two ranges under one filter; ns since 1970, both ends inclusive. */
export interface CompareQuery {
  readonly viewer: Viewer;
  readonly selection: FlowSelection;
  readonly before: Required<TimeRange>;
  readonly after: Required<TimeRange>;
}

export interface EdgeChanges {
  /** Of each kind of change the largest first: by the drops a second that came or went, then by all flows. */
  readonly edges: EdgeChange[];
  readonly counts: EdgeCounts;
}

/** Flows of one verdict and drop reason (0 for none) in both ranges; a packet that two events tell counts once. */
export interface VerdictChange {
  readonly verdict: number;
  readonly reason: number;
  readonly before: number;
  readonly after: number;
}

/** Answers what is different between two ranges, from the counts by minute where the filter allows it. */
export interface CompareReader {
  /** @param query `limit` edges of each kind of change at most */
  edges(
    query: CompareQuery & { readonly limit: number },
    signal?: AbortSignal,
  ): Promise<EdgeChanges>;
  verdicts(query: CompareQuery, signal?: AbortSignal): Promise<VerdictChange[]>;
  /** The oldest flow and the oldest minute that is counted, ns since 1970; undefined when there is none. */
  since(signal?: AbortSignal): Promise<{ flows: bigint | undefined; counts: bigint | undefined }>;
}
