import type { Agent } from "./agent.js";
import { createCursor, type Cursor } from "./cursor.js";
import { encodeNodeStatus, type Sent } from "./encode.js";
import type { FlowQuery } from "./request.js";

export interface RelayOptions {
  agents: readonly Agent[];
  query: FlowQuery;
  startMs: number;
  relayName: string;
  now: () => number;
  /** RFC 3339 of the present. */
  nowText: () => string;
  sort: SortBuffer;
}

/** Relay's sorting: it holds up to `length` responses back to put them in order. */
export interface SortBuffer {
  length: number;
  /** With nothing coming in for this long, what is held goes out. */
  drainMs: number;
}

/** Relay asks failed and new nodes again this often. */
const RESUBSCRIBE_NS = 2_000_000_000;

interface SubStream {
  agent: Agent;
  cursor: Cursor | undefined;
  epoch: number;
  silence: number;
  /** Ended without an error: relay never asks this node again on this stream. */
  over: boolean;
}

/** Answers GetFlows over all nodes as relay does: node status first, then one merged stream. */
export function createRelayStream(options: RelayOptions): Cursor {
  const { agents, query, now, sort } = options;
  const up = agents.filter((agent) => agent.reachable);
  const down = agents.filter((agent) => !agent.reachable);
  const status: Sent[] = [];
  if (up.length > 0) status.push(nodeStatus("NODE_CONNECTED", up));
  if (down.length > 0) status.push(nodeStatus("NODE_UNAVAILABLE", down));

  const streams: SubStream[] = agents.map((agent) => ({
    agent,
    cursor: agent.reachable ? open(agent) : undefined,
    epoch: agent.epoch,
    silence: agent.silence,
    // Relay asks a node that was away again only while it follows.
    over: !agent.reachable && !query.follow,
  }));
  const limit =
    query.number > 0 ? Math.min(sort.length, query.number * agents.length) : sort.length;
  const held: Sent[] = [];
  let turn = 0;
  let lastInput = now();
  let nextSubscribe = now() + RESUBSCRIBE_NS;

  return {
    next() {
      const first = status.shift();
      if (first !== undefined) return first;
      // A relay that knows no peers has nothing to follow and ends the stream with OK.
      if (agents.length === 0) return "end";
      fill();
      if (held.length > 0 && held.length >= limit) return take();
      if (streams.every((stream) => stream.over)) return held.length > 0 ? take() : "end";
      if (held.length > 0 && now() - lastInput >= sort.drainMs * 1e6) return take();
      return "wait";
    },
  };

  function take(): Sent {
    return held.shift() as Sent;
  }

  /** One response of each node in turn, until the buffer is full or no node has more. */
  function fill(): void {
    watchNodes();
    let idle = 0;
    while (held.length < Math.max(1, limit) && idle < streams.length) {
      const stream = streams[turn++ % streams.length] as SubStream;
      const sent = stream.over ? "end" : (stream.cursor?.next() ?? "wait");
      if (sent === "wait" || sent === "end") {
        if (sent === "end") stream.over = true;
        idle++;
        continue;
      }
      idle = 0;
      hold(sent);
    }
  }

  function hold(sent: Sent): void {
    lastInput = now();
    let at = held.length;
    while (at > 0 && (held[at - 1] as Sent).time > sent.time) at--;
    held.splice(at, 0, sent);
  }

  function watchNodes(): void {
    for (const stream of streams) {
      const { agent } = stream;
      if (stream.silence !== agent.silence) {
        stream.silence = agent.silence;
        stream.over = true;
      }
      if (stream.epoch === agent.epoch || stream.over) continue;
      stream.epoch = agent.epoch;
      if (stream.cursor !== undefined) {
        stream.cursor = undefined;
        hold(nodeStatus("NODE_ERROR", [agent], BROKEN));
        if (!query.follow) stream.over = true;
      }
    }
    if (now() < nextSubscribe) return;
    nextSubscribe = now() + RESUBSCRIBE_NS;
    for (const stream of streams) {
      // With the same request as before: `since` replays, `number` rewinds again.
      if (stream.cursor === undefined && !stream.over && stream.agent.reachable) {
        stream.cursor = open(stream.agent);
      }
    }
  }

  function open(agent: Agent): Cursor {
    const { startMs } = options;
    return createCursor({ ring: agent.ring, nodeName: agent.node.hubbleName, query, startMs, now });
  }

  function nodeStatus(
    state: "NODE_CONNECTED" | "NODE_UNAVAILABLE" | "NODE_ERROR",
    which: readonly Agent[],
    message?: string,
  ): Sent {
    const names = which.map((agent) => agent.node.hubbleName);
    return encodeNodeStatus(options.relayName, options.nowText(), state, names, message);
  }
}

const BROKEN = "rpc error: code = Unavailable desc = error reading from server: EOF";
