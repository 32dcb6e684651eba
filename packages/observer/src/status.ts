import { create, toBinary, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import {
  GetNamespacesResponseSchema,
  GetNodesResponseSchema,
  NodeState,
  ServerStatusResponseSchema,
} from "@dropscope/hubble";
import { isOutage, type Clock } from "@dropscope/model";
import type { FlowReader, StoreFacts } from "@dropscope/store";
import type { Handler } from "./grpc/server.js";

export interface StatusParts {
  readonly facts: StoreFacts;
  readonly reader: Pick<FlowReader, "gaps">;
  readonly clock: Clock;
  readonly version: string;
  /** Of flows that do not name their cluster. */
  readonly cluster: string;
}

/** Answers may be this old: they are made of the whole store, and clients ask as often as they like. */
const FRESH_MS = 5_000;
/** Nodes whose flows ended longer ago than this before the newest one are no longer counted as connected. */
const HERE_NS = 3_600_000_000_000n;
const DAY_NS = 86_400_000_000_000n;
/** Hubble names no more of the unavailable ones. */
const NAMED = 10;

/** The calls that tell what the store holds. */
export function statusHandlers(parts: StatusParts): [string, Handler][] {
  const { facts, clock } = parts;
  const startedAt = clock.now();
  const totals = cached(clock, () => facts.totals());
  const nodes = cached(clock, () => nodeStates(parts));
  const namespaces = cached(clock, () => facts.namespaces());
  const method = (name: string, answer: () => Promise<Uint8Array>): [string, Handler] => [
    `/observer.Observer/${name}`,
    async (call) => {
      await call.message();
      call.add(await answer());
    },
  ];
  return [
    method("ServerStatus", async () => {
      const { flows, seen, rate } = await totals();
      const states = await nodes();
      const away = states.filter((node) => node.state !== NodeState.NODE_CONNECTED);
      return bytes(ServerStatusResponseSchema, {
        numFlows: BigInt(flows),
        // A store has no ring to be full: what it holds is what it has room for.
        maxFlows: BigInt(flows),
        seenFlows: BigInt(seen),
        uptimeNs: BigInt(Math.max(0, Math.round(clock.now() - startedAt))) * 1_000_000n,
        numConnectedNodes: states.length - away.length,
        numUnavailableNodes: away.length,
        unavailableNodes: away.slice(0, NAMED).map((node) => node.name),
        version: `dropscope ${parts.version}`,
        flowsRate: rate,
      });
    }),
    method("GetNodes", async () =>
      bytes(GetNodesResponseSchema, {
        nodes: (await nodes()).map(({ name, state, flows, version }) => ({
          name,
          state,
          version,
          tls: {},
          numFlows: BigInt(flows),
          maxFlows: BigInt(flows),
          seenFlows: BigInt(flows),
        })),
      }),
    ),
    method("GetNamespaces", async () =>
      bytes(GetNamespacesResponseSchema, {
        namespaces: (await namespaces()).map(({ cluster, namespace }) => ({
          cluster: cluster === "" ? parts.cluster : cluster,
          namespace,
        })),
      }),
    ),
  ];
}

interface NodeView {
  name: string;
  flows: number;
  version: string;
  state: NodeState;
}

/** A node is there while its flows come; an outage that goes on says what else it is. */
async function nodeStates({ facts, reader }: StatusParts): Promise<NodeView[]> {
  const found = await facts.nodes();
  const newest = found.reduce((max, node) => (node.newestNs > max ? node.newestNs : max), 0n);
  const gaps = newest === 0n ? [] : await reader.gaps({ since: newest - DAY_NS });
  const out = new Map<string, NodeState>();
  for (const gap of gaps)
    if (isOutage(gap) && gap.to === undefined)
      out.set(
        gap.node,
        gap.cause === "node-unavailable" ? NodeState.NODE_UNAVAILABLE : NodeState.NODE_ERROR,
      );
  return found.map(({ name, flows, version, newestNs }) => ({
    name,
    flows,
    version,
    state:
      out.get(name) ??
      (newest - newestNs > HERE_NS ? NodeState.NODE_GONE : NodeState.NODE_CONNECTED),
  }));
}

function bytes<Desc extends DescMessage>(schema: Desc, value: MessageInitShape<Desc>): Uint8Array {
  return toBinary(schema, create(schema, value));
}

/** Asks once for all who ask within `FRESH_MS`; an error is not kept. */
function cached<T>(clock: Pick<Clock, "now">, ask: () => Promise<T>): () => Promise<T> {
  let kept: { at: number; value: Promise<T> } | undefined;
  return () => {
    if (kept !== undefined && clock.now() - kept.at < FRESH_MS) return kept.value;
    const value = ask();
    const entry = { at: clock.now(), value };
    kept = entry;
    value.catch(() => {
      if (kept === entry) kept = undefined;
    });
    return value;
  };
}
