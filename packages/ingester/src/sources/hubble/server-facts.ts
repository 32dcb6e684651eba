import { NodeState, type GetNodesResponse, type ServerStatusResponse } from "@dropscope/hubble";
import type { HubbleConnection } from "./connect.js";

/** What the server says about itself, asked now and then beside the stream. */
export interface ServerFacts {
  version: string;
  /** Seconds of history in the rings at the present rate: how long we may be away without loss. Undefined while unknown. */
  ringSeconds: number | undefined;
  nodes: { connected: number; total: number; unavailable: string[] } | undefined;
}

export interface FactsPoller {
  /** Asks if it is time to; never rejects. */
  poll(connection: HubbleConnection, nowMs: number): Promise<void>;
  readonly facts: ServerFacts;
  /** This connection has answered. */
  readonly answered: boolean;
  /** Polls in a row without an answer in time: the connection is dead although TCP does not know. */
  readonly unanswered: number;
  /** A new connection: ask again at once. */
  reset(): void;
}

const EVERY_MS = 10_000;
const DEADLINE_EXCEEDED = 4;

export function createFactsPoller(): FactsPoller {
  const facts: ServerFacts = { version: "", ringSeconds: undefined, nodes: undefined };
  let last: { seen: bigint; atMs: number } | undefined;
  let nextMs = 0;
  let busy = false;
  let unanswered = 0;
  let answered = false;

  async function ask(connection: HubbleConnection, nowMs: number): Promise<void> {
    try {
      const status = await connection.serverStatus();
      unanswered = 0;
      answered = true;
      facts.version = status.version;
      facts.ringSeconds = ringSeconds(status, last, nowMs) ?? facts.ringSeconds;
      last = { seen: status.seenFlows, atMs: nowMs };
      facts.nodes = nodesOfStatus(status);
    } catch (error) {
      if ((error as { code?: unknown }).code === DEADLINE_EXCEEDED) unanswered++;
      return;
    }
    // Agents have no GetNodes; what ServerStatus said stays.
    const nodes = await connection.getNodes().catch(() => undefined);
    if (nodes !== undefined) facts.nodes = nodesOf(nodes);
  }

  return {
    facts,
    async poll(connection, nowMs) {
      if (busy || nowMs < nextMs) return;
      busy = true;
      nextMs = nowMs + EVERY_MS;
      await ask(connection, nowMs);
      busy = false;
    },
    get answered() {
      return answered;
    },
    get unanswered() {
      return unanswered;
    },
    reset() {
      nextMs = 0;
      unanswered = 0;
      answered = false;
    },
  };
}

/** Servers before 1.15 tell no rate: it is the growth of `seen_flows`. */
function ringSeconds(
  status: ServerStatusResponse,
  last: { seen: bigint; atMs: number } | undefined,
  nowMs: number,
): number | undefined {
  let rate = status.flowsRate;
  if (!(rate > 0) && last !== undefined && nowMs > last.atMs)
    rate = (Number(status.seenFlows - last.seen) * 1000) / (nowMs - last.atMs);
  const capacity = Number(status.maxFlows);
  return rate > 0 && capacity > 0 ? capacity / rate : undefined;
}

function nodesOfStatus(status: ServerStatusResponse): ServerFacts["nodes"] {
  // An agent counts no nodes: it is one.
  const connected = status.numConnectedNodes ?? 1;
  const away = status.numUnavailableNodes ?? 0;
  return { connected, total: connected + away, unavailable: [...status.unavailableNodes] };
}

function nodesOf(answer: GetNodesResponse): ServerFacts["nodes"] {
  const away = answer.nodes.filter((node) => node.state !== NodeState.NODE_CONNECTED);
  return {
    connected: answer.nodes.length - away.length,
    total: answer.nodes.length,
    unavailable: away.map((node) => node.name),
  };
}
