/** How far a node was read. Commits per node, not per stream: nodes of a relay run apart. */
export interface Watermark {
  /** Newest flow time of the node, ns since 1970; never ahead of our own clock. */
  newestNs: bigint;
  /** When the node was last heard, our clock, ms. Its own clock may be wrong. */
  heardMs: number;
}

export interface Watermarks {
  see(node: string, timeNs: bigint, nowMs: number): void;
  of(node: string): Watermark | undefined;
  /**
   * The nodes that a resume must reach back to: those heard within `ACTIVE_MS` of the last one heard,
   * and those of `away` (they may come back with what they have kept).
   */
  expected(away: ReadonlySet<string>): [node: string, newestNs: bigint][];
  /** What would be persisted now. */
  snapshot(): Map<string, Watermark>;
  readonly nodes: number;
}

/** A node that was quiet for longer does not hold the resume point back. */
export const ACTIVE_MS = 10 * 60_000;
/** A node that was not heard for so long has left the cluster. */
const FORGET_MS = 24 * 3_600_000;

export function createWatermarks(saved: Iterable<[string, Watermark]> = []): Watermarks {
  const marks = new Map<string, Watermark>();
  for (const [node, mark] of saved) marks.set(node, { ...mark });

  function lastHeard(): number {
    let last = 0;
    for (const mark of marks.values()) if (mark.heardMs > last) last = mark.heardMs;
    return last;
  }

  return {
    see(node, timeNs, nowMs) {
      if (timeNs <= 0n) return;
      const mark = marks.get(node);
      if (mark === undefined) {
        marks.set(node, { newestNs: notAhead(timeNs, nowMs), heardMs: nowMs });
        return;
      }
      mark.heardMs = nowMs;
      if (timeNs > mark.newestNs) mark.newestNs = notAhead(timeNs, nowMs);
    },
    of: (node) => marks.get(node),
    expected(away) {
      const since = lastHeard() - ACTIVE_MS;
      return [...marks]
        .filter(([node, mark]) => mark.heardMs >= since || away.has(node))
        .map(([node, mark]) => [node, mark.newestNs]);
    },
    snapshot() {
      const since = lastHeard() - FORGET_MS;
      for (const [node, mark] of marks) if (mark.heardMs < since) marks.delete(node);
      return new Map([...marks].map(([node, mark]) => [node, { ...mark }]));
    },
    get nodes() {
      return marks.size;
    },
  };
}

/** A node whose clock runs ahead would make us ask for flows of the future only. */
function notAhead(timeNs: bigint, nowMs: number): bigint {
  const nowNs = BigInt(Math.trunc(nowMs)) * 1_000_000n;
  return timeNs > nowNs ? nowNs : timeNs;
}
