import type { Gap } from "@dropscope/model";
import type { Batch, TableBlock } from "@dropscope/store";

export interface DecoderOptions {
  /** Flows that one batch holds; default 50,000. `full()` says when it is reached. */
  readonly capacity?: number;
  /** Bytes that one batch holds, about; default 64 MiB. */
  readonly maxBatchBytes?: number;
  /** Longer messages are rejected unread; default 4 MiB, as a gRPC client would. */
  readonly maxMessageBytes?: number;
  /** What must not be stored (URL secrets, headers). Absent or false: everything is kept. */
  readonly redact?: RedactOptions | false;
}

export interface RedactOptions {
  /** Header names, any case, whose values may be stored. Default: none. */
  readonly headers?: readonly string[];
}

/**
 * Turns the bytes of `observer.GetFlowsResponse` into rows of the open batch.
 *
 *     decodeResponse(bytes) ─▶ pending row ─▶ commit()  ─▶ open batch ─▶ finish() ─▶ Batch
 *                                         └─▶ discard()
 *
 * There is at most one pending row. The next `decodeResponse` discards one that was left.
 * A row that is not committed leaves no trace in the batch.
 */
export interface FlowDecoder {
  /**
   * Never throws, whatever the bytes are. The bytes are not kept, except that a pending row
   * reads them until it is committed or discarded.
   *
   * @param salt distinguishes equal flows without uuid in one source (the occurrence ordinal in
   *   files, so that a second import gives the same ids); 0 when absent.
   * @returns an object that is valid until the next call; `flow` results are one reused object.
   */
  decodeResponse(bytes: Uint8Array, salt?: number): Decoded;
  /** True when the pending row does not fit any more: finish the batch first, then commit. */
  full(): boolean;
  /** Adds the pending row to the open batch. Without a pending row it does nothing. */
  commit(): void;
  discard(): void;
  /** What the open batch holds; a live view. */
  readonly open: OpenBatch;
  /**
   * Closes the open batch and starts an empty one. A pending row survives and goes to the new batch.
   * The blocks are `identities`, `policy_refs`, `flows`, without the empty ones; each has one chunk
   * with an ArrayBuffer of its own, fit for a transfer list.
   */
  finish(stamp: BatchStamp): Batch;
}

export interface OpenBatch {
  /** Flows committed. */
  readonly rows: number;
  /** About what the blocks will take. */
  readonly bytes: number;
  /** Distinct UTC days of the flows: a batch touches at most 8. */
  readonly days: number;
  /** Oldest and newest flow time, ns since 1970; both 0 when there are no flows. */
  readonly minTimeNs: bigint;
  readonly maxTimeNs: bigint;
}

/** What only the sealing caller knows; the same in every row of a batch. */
export interface BatchStamp {
  /** From `newBatchId`. */
  readonly id: bigint;
  /** Day of sealing, days since 1970 in UTC: `dayOf(clock.now())`. */
  readonly storedOn: number;
  /** ms since 1970; becomes `seen_at` of identities and policy references. */
  readonly nowMs: number;
}

export type Decoded = PendingFlow | LostEventsSeen | NodeStatusSeen | Ignored | Rejected;

/** A flow waits for `commit` or `discard`. */
export interface PendingFlow {
  readonly kind: "flow";
  /** Node as Hubble names it: the flow's own, else that of the envelope. */
  readonly node: string;
  /** As stored: clamped to 1970..2262; the envelope's time, else 0, when the flow has none. */
  readonly timeNs: bigint;
  /** The same in whole ms. */
  readonly timeMs: number;
  /** The stored time is not what the sender wrote (it is kept in `rest`). */
  readonly timeClamped: boolean;
  /** 16 bytes in the order of the text; a reused view: copy what you keep. */
  readonly uuid: Uint8Array;
  /** The same 16 bytes as four numbers, for a set without allocation; also reused. */
  readonly uuidWords: Uint32Array;
  /** False: the uuid is a hash of node, time, the whole flow and the salt. */
  readonly hasUuid: boolean;
  readonly verdict: number;
}

/** Hubble lost events; see `gapOfLostEvents`. */
export interface LostEventsSeen {
  readonly kind: "lost-events";
  readonly node: string;
  /** Time of the envelope, ns since 1970. */
  readonly timeNs?: bigint;
  /** Number of LOST_EVENT_SOURCES. */
  readonly source: number;
  readonly count: bigint;
  readonly cpu?: number;
  readonly firstNs?: bigint;
  readonly lastNs?: bigint;
}

export interface NodeStatusSeen {
  readonly kind: "node-status";
  readonly node: string;
  readonly timeNs?: bigint;
  /** Number of NODE_STATES: 1 connected, 2 unavailable, 3 gone, 4 error. */
  readonly state: number;
  readonly nodeNames: readonly string[];
  /** The gRPC error text of a failed node. */
  readonly message: string;
}

/** Well-formed, and nothing for us: no member, or one that this build does not know. */
export interface Ignored {
  readonly kind: "ignored";
  readonly what: "empty" | "agent-event" | "debug-event" | "unknown-member";
}

export interface Rejected {
  readonly kind: "rejected";
  readonly reason: RejectReason;
}

export const REJECT_REASONS = [
  /** Longer than `maxMessageBytes`. */
  "too-large",
  /** A length or a number reaches beyond its message. */
  "truncated",
  /** A number of more than 10 bytes, or a length that no message can have. */
  "bad-varint",
  /** Field number 0 or above 2^29. */
  "bad-tag",
  /** A known field with the wrong wire type, a group, or wire type 6 or 7. */
  "wire-type",
  /** Messages nested deeper than any flow is. */
  "too-deep",
  /** A fault of ours: the message was not understood, and the stream goes on. */
  "internal",
] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];

/** Builds the `gaps` block of a batch; the caller appends it to `Batch.blocks`. */
export interface GapBlockBuilder {
  /**
   * @param source LOST_EVENT_SOURCES number for a lost_events message, -1 (default) for other causes.
   * @returns the row's id, 16 bytes: equal losses have equal ids, so a repeat can be told.
   */
  add(gap: Gap, source?: number): Uint8Array;
  readonly rows: number;
  /** Undefined when nothing was added. Starts an empty block. */
  finish(stamp: BatchStamp): TableBlock | undefined;
}

/*
 * Exported by ./index.ts:
 *   createDecoder(options?: DecoderOptions): FlowDecoder
 *   createGapBlockBuilder(): GapBlockBuilder
 *   gapId(gap: Gap): Uint8Array                                  16 bytes
 *   gapOfLostEvents(lost: LostEventsSeen, nowMs: number): { gap: Gap; source: number }
 *   dayOf(ms: number): number                                    days since 1970, UTC
 *   redactUrl(url: string): string, redactSummary(text: string): string
 */
