/**
 * A known absence: flows that existed and are not stored. Every loss that this
 * product learns of becomes a gap, and every chart that covers it says so.
 */
export interface Gap {
  /** When the loss was reported or noticed, RFC 3339 with nanoseconds. */
  time: string;
  /** Node as Hubble names it (`cluster/node` or `node`); empty when all nodes are meant. */
  node: string;
  cause: GapCause;
  /** Events lost; 0 when the sender gives no count. Counts events of every kind, so it is an upper bound for flows. */
  count: number;
  /** First and last moment of the loss, where known. */
  from?: string;
  to?: string;
  /** CPU whose perf ring overflowed (`perf-ring` only). */
  cpu?: number;
  /** The error text of a node, or what was seen instead. */
  message?: string;
}

export const GAP_CAUSES = [
  /** Kernel to agent: PERF_EVENT_RING_BUFFER. */
  "perf-ring",
  /** The agent was overloaded: OBSERVER_EVENTS_QUEUE. */
  "observer-queue",
  /** This reader was too slow or came too late: HUBBLE_RING_BUFFER. */
  "hubble-ring",
  /** lost_events with a source that this build does not know. */
  "lost-other",
  /** Relay cannot reach the node (NODE_UNAVAILABLE). */
  "node-unavailable",
  /** The node's stream failed inside relay (NODE_ERROR), or it is gone (NODE_GONE). */
  "node-error",
  /** A node sends nothing while the others do: relay does not resubscribe after a clean end. */
  "node-silent",
  /** After a reconnect the ring of the node no longer reached back to the last flow seen. */
  "ring-wrapped",
  /** The spool was full and reading stopped. */
  "spool-full",
  /** They were stored, and removed to keep the disk bound: `from` and `to` are the day, `count` its rows. */
  "removed",
] as const;

export type GapCause = (typeof GAP_CAUSES)[number];

/** A node whose flows do not arrive; see `foldGaps`. */
export const OUTAGE_CAUSES = [
  "node-unavailable",
  "node-error",
  "node-silent",
] as const satisfies readonly GapCause[];

/** A node that was not back after so long has left the cluster: nothing of it is missing any more. */
export const OUTAGE_FORGOTTEN_MS = 24 * 3_600_000;

/**
 * An outage of a node (one of `OUTAGE_CAUSES`) is told twice: when it is noticed,
 * without `to`, and when flows of the node come again, with the same node, cause and `from`, and with `to`.
 * `to` equal to `from` says that nothing was lost after all. An outage without `to` goes on, but not
 * for longer than `OUTAGE_FORGOTTEN_MS`.
 *
 * Keeps of each pair the closing row, drops pairs that lost nothing, and leaves every other gap as it is.
 */
export function foldGaps(gaps: readonly Gap[]): Gap[] {
  const closed = new Set<string>();
  for (const gap of gaps) if (isOutage(gap) && gap.to !== undefined) closed.add(keyOf(gap));
  return gaps.filter((gap) => {
    if (!isOutage(gap)) return true;
    return gap.to === undefined ? !closed.has(keyOf(gap)) : gap.to !== gap.from;
  });
}

/** Whether the gap is an outage, which lasts until it is closed. */
export function isOutage(gap: Gap): boolean {
  return OUTAGE_CAUSES.some((cause) => cause === gap.cause);
}

function keyOf(gap: Gap): string {
  return JSON.stringify([gap.node, gap.cause, gap.from]);
}
