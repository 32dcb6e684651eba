import type {
  FlowSelection,
  MapAnswer,
  MapEdge,
  MapNode,
  MapPort,
  MapProblem,
  Peer,
  Problem,
  Viewer,
} from "@dropscope/model";
import type { TrafficEdge } from "@dropscope/store";
import type { Knowledge } from "../knowledge.js";
import { type Range, spanMs } from "../query/range.js";

const MOST_EDGES = 3_000;
const MOST_PORTS = 8;
const MOST_PROBLEMS = 3_000;
const DNS_PORTS: ReadonlySet<number> = new Set([53, 5353]);
const HOSTS: ReadonlySet<string> = new Set(["host", "remote-node", "health"]);

/** Who talks to whom in a range: what is allowed, what is denied, and which problem that is. */
export async function serviceMap(
  { views, problems }: Pick<Knowledge, "views" | "problems">,
  query: { readonly viewer: Viewer; readonly selection: FlowSelection; readonly range: Range },
  signal: AbortSignal,
): Promise<Omit<MapAnswer, "coverage">> {
  const { viewer, selection, range } = query;
  const [traffic, known] = await Promise.all([
    views.traffic({ viewer, selection, ...range, limit: MOST_EDGES }, signal),
    problems.problems({ viewer, range, limit: MOST_PROBLEMS }, signal),
  ]);
  const seconds = Math.max(1, spanMs(range) / 1000);
  const edges = foldEdges(traffic.edges, seconds, problemsByEnds(known));
  return {
    from: Number(range.since / 1_000_000n),
    to: Number(range.until / 1_000_000n),
    nodes: nodesOf(traffic.edges, edges),
    edges,
    problems: named(known, edges),
    left: Math.max(0, traffic.total - traffic.edges.length),
  };
}

/** Those that some edge names. */
function named(problems: readonly Problem[], edges: readonly MapEdge[]): MapProblem[] {
  const ids = new Set(edges.flatMap(({ problems: own }) => own));
  return problems
    .filter(({ id }) => ids.has(id))
    .map(({ id, source, destination, protocol, port, direction, outcome, reason, folded }) => ({
      id,
      source,
      destination,
      protocol,
      port,
      direction,
      outcome,
      reason,
      folded,
    }));
}

export function nodeId({ kind, namespace, name }: Peer): string {
  return `${kind}|${namespace}|${name}`;
}

function foldEdges(
  traffic: readonly TrafficEdge[],
  seconds: number,
  problems: ReadonlyMap<string, readonly Problem[]>,
): MapEdge[] {
  const byEnds = new Map<string, TrafficEdge[]>();
  for (const edge of traffic) {
    const key = `${nodeId(edge.client)}→${nodeId(edge.server)}`;
    const some = byEnds.get(key);
    if (some === undefined) byEnds.set(key, [edge]);
    else some.push(edge);
  }
  return [...byEnds].map(([id, some]) => {
    const [{ client, server }] = some as [TrafficEdge, ...TrafficEdge[]];
    const drops = sum(some, ({ dropped }) => dropped);
    return {
      id,
      from: nodeId(client),
      to: nodeId(server),
      forwarded: sum(some, ({ forwarded }) => forwarded) / seconds,
      dropped: drops / seconds,
      drops,
      ports: portsOf(some, seconds),
      kind: kindOf(some),
      problems: (problems.get(endsKey(client, server)) ?? []).map(({ id: problem }) => problem),
    };
  });
}

function portsOf(edges: readonly TrafficEdge[], seconds: number): MapPort[] {
  return edges
    .toSorted((a, b) => b.dropped - a.dropped || b.forwarded - a.forwarded)
    .slice(0, MOST_PORTS)
    .map(({ protocol, port, forwarded, dropped }) => ({
      protocol,
      port,
      forwarded: forwarded / seconds,
      dropped: dropped / seconds,
    }));
}

function kindOf(edges: readonly TrafficEdge[]): MapEdge["kind"] {
  if (edges.every(({ port }) => DNS_PORTS.has(port))) return "dns";
  const isHost = ({ kind, name }: Peer): boolean => kind === "entity" && HOSTS.has(name);
  return edges.some(({ client, server }) => isHost(client) || isHost(server)) ? "host" : "other";
}

function nodesOf(traffic: readonly TrafficEdge[], edges: readonly MapEdge[]): MapNode[] {
  const peers = new Map<string, Peer>();
  for (const { client, server } of traffic)
    for (const peer of [client, server]) peers.set(nodeId(peer), peer);
  const touching = new Map<string, MapEdge[]>();
  for (const edge of edges)
    for (const end of new Set([edge.from, edge.to]))
      touching.set(end, [...(touching.get(end) ?? []), edge]);
  return [...peers].map(([id, peer]) => {
    const own = touching.get(id) ?? [];
    return {
      id,
      peer,
      forwarded: sum(own, ({ forwarded }) => forwarded),
      dropped: sum(own, ({ dropped }) => dropped),
      problems: [...new Set(own.flatMap(({ problems }) => problems))],
    };
  });
}

/** A problem names ends as edges do; where it has folded them it belongs to no single edge. */
function problemsByEnds(problems: readonly Problem[]): Map<string, Problem[]> {
  const found = new Map<string, Problem[]>();
  for (const problem of problems) {
    const { source, destination, peers } = problem;
    const keys = new Set([
      endsKey(source, destination),
      ...peers.map((name) => endsKey(source, { ...destination, name })),
    ]);
    for (const key of keys) found.set(key, [...(found.get(key) ?? []), problem]);
  }
  return found;
}

/** Without the kind: an end that the correlator knows as a workload may be a pod to the rollup. */
function endsKey(client: Peer, server: Peer): string {
  return `${client.namespace}/${client.name}→${server.namespace}/${server.name}`;
}

function sum<One>(list: readonly One[], of: (one: One) => number): number {
  return list.reduce((total, one) => total + of(one), 0);
}
