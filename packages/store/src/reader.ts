import type {
  CompletionKind,
  Edge,
  FlowDetail,
  FlowRow,
  FlowSelection,
  Gap,
  ObservedItem,
  Timeline,
  VerdictCount,
  Viewer,
} from "@dropscope/model";

/** Times are ns since 1970, both ends inclusive, as Hubble has them. */
export interface TimeRange {
  since?: bigint;
  until?: bigint;
}

export interface FlowQuery extends TimeRange {
  /** Whose rights apply. Rows out of scope are never read into this process's answers. */
  viewer: Viewer;
  selection: FlowSelection;
  /**
   * Only rows of batches that `tail(asOf)` will not deliver: what the ledger held at that
   * cursor. Rows of a batch whose ledger row is not written yet are left out, and rollups
   * are not used. A live room joins its first picture to the tail with this, so that a
   * batch is counted in exactly one of the two. Honoured by page, drops, verdicts, edges.
   */
  asOf?: TailCursor;
}

/**
 * Where a tail stands. Opaque to callers, JSON-safe. Batches become visible whole;
 * one that commits late (a second ingester, a retry) is still delivered exactly once.
 */
export interface TailCursor {
  storedAt: string;
  seen: string[];
}

/** Batches that landed since a cursor, oldest first. */
export interface TailStep {
  cursor: TailCursor;
  /** Pass it to the `…Of` calls to read exactly these rows. */
  batches: readonly LandedBatch[];
  flows: number;
}

export interface LandedBatch {
  id: bigint;
  minTimeNs: bigint;
  maxTimeNs: bigint;
  flows: number;
  /** ms since 1970: fsync of the spool file, and visibility in the store. */
  sealedAt: number;
  storedAt: number;
}

/** Answers questions about stored flows. All calls honour `signal`: an abort cancels the query in the engine. */
export interface FlowReader {
  /**
   * Flows and losses, oldest first, without holding them in memory.
   * `first`/`last` limit to the oldest/newest N; losses pass every filter and are not counted.
   */
  observe(
    query: FlowQuery & {
      first?: number;
      last?: number;
      /** Only rows that these batches brought, and no losses. */
      batches?: readonly LandedBatch[];
    },
    signal?: AbortSignal,
  ): AsyncIterable<ObservedItem>;
  /** One page for a table, newest first. `next` is absent at the end. */
  page(
    query: FlowQuery & { limit: number; cursor?: string },
    signal?: AbortSignal,
  ): Promise<{ rows: FlowRow[]; next?: string }>;
  detail(uuid: string, viewer: Viewer, signal?: AbortSignal): Promise<FlowDetail | undefined>;
  /** Dropped flows by reason; `stepMs` divides the range into at most 1,500 buckets. */
  drops(query: FlowQuery & { stepMs: number }, signal?: AbortSignal): Promise<Timeline>;
  verdicts(query: FlowQuery, signal?: AbortSignal): Promise<VerdictCount[]>;
  /**
   * Denied edges (verdict DROPPED), most frequent first. Oriented client → server.
   * `rateAt` (ns): end of the minute that `rate` speaks of, where it is not the end of the
   * range; a live room asks past its own clock, because clocks of nodes run ahead.
   */
  edges(
    query: FlowQuery & { limit: number; rateAt?: bigint },
    signal?: AbortSignal,
  ): Promise<Edge[]>;
  gaps(range: TimeRange, signal?: AbortSignal): Promise<Gap[]>;
  /**
   * Distinct values for completion, as far as the viewer sees them: those that begin so, then those
   * that hold it, most frequent in the last stored day first. Labels by key until the prefix has a `=`.
   */
  complete(
    what: Exclude<CompletionKind, "problem">,
    prefix: string,
    viewer: Viewer,
    signal?: AbortSignal,
  ): Promise<string[]>;
  /** Where the store ends now: a tail that starts here sees only what lands later. */
  end(signal?: AbortSignal): Promise<TailCursor>;
  tail(cursor: TailCursor, signal?: AbortSignal): Promise<TailStep>;
  /** What the given batches add, for a live room: same filters and scope as a query. */
  landed(
    batches: readonly LandedBatch[],
    query: { viewer: Viewer; selection: FlowSelection; rows: number },
    signal?: AbortSignal,
  ): Promise<{
    drops: [second: number, reason: string, count: number][];
    verdicts: VerdictCount[];
    /** Newest first, at most `rows`. */
    flows: FlowRow[];
    matched: number;
  }>;
  /** Totals for coverage: newest flow time (ns, 0 when empty), events lost since `since` and ever. */
  totals(sinceNs: bigint): Promise<{
    newestNs: bigint;
    flows: number;
    lostRecent: number;
    lostTotal: number;
    nodes: string[];
  }>;
}
