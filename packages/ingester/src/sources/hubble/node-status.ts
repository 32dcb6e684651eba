import { type Gap, OUTAGE_FORGOTTEN_MS } from "@dropscope/model";
import { isoOfNs } from "./time.js";

/** Numbers of relay.NodeState. */
export const NODE_STATE = { connected: 1, unavailable: 2, gone: 3, error: 4 } as const;

export type OutageCause = "node-unavailable" | "node-error" | "node-silent";

/** A node whose flows do not arrive. */
export interface Outage {
  node: string;
  cause: OutageCause;
  /** Newest flow seen before it, or when it was noticed, ns since 1970. */
  fromNs: bigint;
  noticedMs: number;
  message: string;
}

/**
 * Which nodes are away. An outage is told twice, as two gap rows with equal node, cause and `from`:
 * the opening row has no `to`; the closing row has the time of the first flow that came again.
 * `to` equal to `from` means that nothing was lost: the ring had kept everything.
 */
export interface Outages {
  open(outage: Outage): Gap | undefined;
  /**
   * A NodeStatusEvent. NODE_CONNECTED closes nothing: relay counts idle peers as connected.
   * @returns the opening rows
   */
  status(
    event: { state: number; nodeNames: readonly string[]; message: string },
    newestNs: (node: string) => bigint | undefined,
    nowMs: number,
  ): Gap[];
  /** A flow came. Returns the closing row when the node was away. */
  see(node: string, timeNs: bigint, repeat: boolean, nowMs: number): Gap | undefined;
  /** Every outage that is open; also what is persisted. */
  list(): Outage[];
  /** Nodes whose kept flows a resume should still ask for. */
  expectedBack(nowMs: number): ReadonlySet<string>;
  readonly connected: number;
  readonly size: number;
}

/** After this long a node's ring holds nothing from before. */
const WORTH_ASKING_MS = 3_600_000;
/** Stragglers that relay sent before its bad news are dated before it. */
const STRAGGLER_MS = 2_000;
const ENOUGH_FLOWS = 20;

export function createOutages(saved: readonly Outage[] = []): Outages {
  const away = new Map<string, Outage & { flows: number }>();
  const connected = new Set<string>();
  for (const outage of saved) away.set(outage.node, { ...outage, flows: 0 });

  function open(outage: Outage): Gap | undefined {
    if (outage.node === "" || away.has(outage.node)) return undefined;
    away.set(outage.node, { ...outage, flows: 0 });
    connected.delete(outage.node);
    return {
      time: new Date(outage.noticedMs).toISOString(),
      node: outage.node,
      cause: outage.cause,
      count: 0,
      from: isoOfNs(outage.fromNs),
      message: outage.message,
    };
  }

  return {
    open,
    status(event, newestNs, nowMs) {
      if (event.state === NODE_STATE.connected) {
        for (const node of event.nodeNames) if (!away.has(node)) connected.add(node);
        return [];
      }
      const cause = causeOf(event.state);
      if (cause === undefined) return [];
      const gaps = event.nodeNames.map((node) =>
        open({
          node,
          cause,
          fromNs: newestNs(node) ?? BigInt(Math.trunc(nowMs)) * 1_000_000n,
          noticedMs: nowMs,
          message: event.message || wordsOf(event.state),
        }),
      );
      return gaps.filter((gap) => gap !== undefined);
    },
    see(node, timeNs, repeat, nowMs) {
      const outage = away.get(node);
      if (outage === undefined) return undefined;
      outage.flows++;
      const straggler = timeNs <= BigInt(Math.trunc(outage.noticedMs - STRAGGLER_MS)) * 1_000_000n;
      if (!repeat && straggler && outage.flows < ENOUGH_FLOWS) return undefined;
      away.delete(node);
      connected.add(node);
      const to = repeat || timeNs < outage.fromNs ? outage.fromNs : timeNs;
      return {
        time: new Date(nowMs).toISOString(),
        node,
        cause: outage.cause,
        count: 0,
        from: isoOfNs(outage.fromNs),
        to: isoOfNs(to),
        message:
          to === outage.fromNs
            ? "The node is back, and its ring had kept everything."
            : "The node is back.",
      };
    },
    list: () => [...away.values()].map(({ flows: _flows, ...outage }) => outage),
    expectedBack(nowMs) {
      for (const [node, outage] of away)
        if (nowMs - outage.noticedMs > OUTAGE_FORGOTTEN_MS) away.delete(node);
      return new Set(
        [...away.values()]
          .filter((outage) => nowMs - outage.noticedMs <= WORTH_ASKING_MS)
          .map((outage) => outage.node),
      );
    },
    get connected() {
      return connected.size;
    },
    get size() {
      return away.size;
    },
  };
}

function causeOf(state: number): OutageCause | undefined {
  if (state === NODE_STATE.unavailable) return "node-unavailable";
  if (state === NODE_STATE.error || state === NODE_STATE.gone) return "node-error";
  return undefined;
}

function wordsOf(state: number): string {
  if (state === NODE_STATE.unavailable) return "Relay cannot reach the node.";
  return state === NODE_STATE.gone
    ? "The node has left."
    : "The node's stream failed inside relay.";
}
