import type { Gap } from "@dropscope/model";
import { isoOfNs } from "./time.js";

/**
 * Proves for each node that a resumed stream joins what was read before. The server does not say
 * that its ring no longer reaches back to `since`, so the proof is a flow that we know already:
 *
 *     since ─────────── W (last seen) ──────────▶
 *       ├─ a known flow comes back: joined
 *       ├─ a flow from just after `since` comes: the ring reaches back far enough: joined
 *       └─ only new flows, all later than W: the ring wrapped or the agent restarted: gap [W, first new]
 *
 * Relay's merge may put a few new flows before the known ones, so a few are let pass first.
 */
export interface Continuity {
  /** A stream starts; `expected` are the nodes that should come back. Settles what the last stream left open. */
  begin(
    sinceNs: bigint,
    expected: Iterable<[node: string, newestNs: bigint]>,
    nowMs: number,
  ): Gap[];
  /** Returns the gap, when this flow settles that there is one. */
  see(node: string, timeNs: bigint, repeat: boolean, nowMs: number): Gap | undefined;
  /** Called now and then: settles nodes of few flows. */
  check(nowMs: number): Gap[];
  /** The node's loss is told elsewhere. */
  drop(node: string): void;
  /** Nodes that have not shown yet whether they join. */
  readonly pending: number;
}

const SLACK_NS = 1_000_000_000n;
const ENOUGH_FLOWS = 64;
const ENOUGH_MS = 2_000;

interface Unproven {
  lastSeenNs: bigint;
  firstNewNs?: bigint;
  firstNewAtMs: number;
  flows: number;
}

export function createContinuity(): Continuity {
  const pending = new Map<string, Unproven>();
  let since = 0n;

  function settle(node: string, open: Unproven, nowMs: number): Gap {
    pending.delete(node);
    return {
      time: new Date(nowMs).toISOString(),
      node,
      cause: "ring-wrapped",
      count: 0,
      from: isoOfNs(open.lastSeenNs),
      to: isoOfNs(open.firstNewNs!),
      message:
        "After a reconnect no flow came back that was known: the ring no longer reached back.",
    };
  }

  return {
    begin(sinceNs, expected, nowMs) {
      // New flows of the last stream are known flows of this one, and would hide the gap before them.
      const gaps = [...pending]
        .filter(([, open]) => open.firstNewNs !== undefined)
        .map(([node, open]) => settle(node, open, nowMs));
      pending.clear();
      since = sinceNs;
      for (const [node, lastSeenNs] of expected)
        pending.set(node, { lastSeenNs, firstNewAtMs: 0, flows: 0 });
      return gaps;
    },
    see(node, timeNs, repeat, nowMs) {
      const open = pending.get(node);
      if (open === undefined) return undefined;
      // A stream that had to start after W (the memory of ids reaches no further) cannot join.
      const canJoin = open.lastSeenNs >= since;
      if (canJoin && (repeat || (timeNs > 0n && timeNs <= since + SLACK_NS))) {
        pending.delete(node);
        return undefined;
      }
      // Newer than `since` but older than W: relay's sort buffer had kept it from us. It proves nothing.
      if (timeNs <= open.lastSeenNs) return undefined;
      if (open.firstNewNs === undefined) open.firstNewAtMs = nowMs;
      if (open.firstNewNs === undefined || timeNs < open.firstNewNs) open.firstNewNs = timeNs;
      open.flows++;
      return open.flows >= ENOUGH_FLOWS ? settle(node, open, nowMs) : undefined;
    },
    check(nowMs) {
      const gaps: Gap[] = [];
      for (const [node, open] of pending)
        if (open.firstNewNs !== undefined && nowMs - open.firstNewAtMs >= ENOUGH_MS)
          gaps.push(settle(node, open, nowMs));
      return gaps;
    },
    drop: (node) => void pending.delete(node),
    get pending() {
      return pending.size;
    },
  };
}
