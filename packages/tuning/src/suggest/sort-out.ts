import {
  type Evidence,
  type LeftOut,
  type ObservedEdge,
  type ObservedTraffic,
  type Peer,
  peerOf,
  type TrafficPattern,
} from "@dropscope/model";
import { type Connection, type Endpoint, normalizeName } from "@dropscope/policy";
import type { TuningCluster } from "../cluster/index.js";
import { connectionOfEdge } from "../traffic/connection.js";
import { endKey } from "../traffic/keys.js";
import { edgeId } from "../traffic/told.js";
import { isForMany } from "./blocks.js";
import { createDirectory, type Directory, type SeenPod, workloadNames } from "./directory.js";
import { patternOf, SHORTEST_FOR_PATTERNS } from "./pattern.js";
import { type Probe, scansAmong } from "./scanners.js";
import type { Seen } from "./traffic.js";

/** What was observed, told apart. */
export interface Sorted {
  /** What somebody needs: a proposal allows it. */
  readonly wanted: readonly Seen[];
  /** What a proposal does not allow unless it is asked for. */
  readonly unwanted: readonly {
    readonly seen: Seen;
    readonly why: LeftOut["why"];
    readonly says: string;
  }[];
  readonly unknown: Evidence["unknown"];
  /** Edges whose ends are not known. */
  readonly unplaced: readonly { readonly edge: ObservedEdge; readonly why: string }[];
  readonly directory: Directory;
}

/**
 * Tells traffic that somebody needs from the rest: scans, tries that nobody answered, what was dropped.
 * @param include ids of edges to be allowed all the same, or `dropped`, `audited`, `once` for all such
 * @param answers DNS names by the address that answers gave for them
 */
export function sortOut(
  traffic: ObservedTraffic,
  cluster: TuningCluster,
  include: ReadonlySet<string>,
  answers: ReadonlyMap<string, readonly string[]>,
): Sorted {
  const unknown = new Map<string, { why: string; edges: number; flows: number }>();
  const unplaced: { edge: ObservedEdge; why: string }[] = [];
  const known: Placed[] = [];
  const workloads = workloadNames(cluster.objects, traffic.edges);
  for (const edge of traffic.edges) {
    const found = connectionOfEdge(edge, cluster.moment);
    if (found.known) {
      known.push(placedOf(edge, withNames(found.connection, answers), workloads));
      continue;
    }
    unplaced.push({ edge, why: found.why });
    const { edges = 0, flows = 0 } = unknown.get(found.why) ?? {};
    unknown.set(found.why, { why: found.why, edges: edges + 1, flows: flows + edge.flows });
  }
  const directory = createDirectory(
    cluster.objects,
    podsOf(known),
    cluster.profile.excludedLabels,
    workloads,
  );
  const sorter = createSorter(known, traffic, directory);
  const wanted: Seen[] = [];
  const unwanted: { seen: Seen; why: LeftOut["why"]; says: string }[] = [];
  for (const one of known) {
    if (isNoConnection(one)) continue;
    const { why, says, pattern } = sorter(one);
    const seen: Seen = { ...one, pattern };
    if (why === undefined || include.has(why) || include.has(one.id)) wanted.push(seen);
    else unwanted.push({ seen, why, says });
  }
  return { wanted, unwanted, unknown: [...unknown.values()], unplaced, directory };
}

type Placed = Omit<Seen, "pattern">;

/** @param workloads of pods that the cluster knows, by `namespace/name` */
function placedOf(
  edge: ObservedEdge,
  connection: Connection,
  workloads: ReadonlyMap<string, string>,
): Placed {
  const { flow } = edge;
  const [client, server] = [peerOf(flow, "source"), peerOf(flow, "destination")];
  const workloadOf = (side: "source" | "destination", peer: Peer): string => {
    const { namespace = "", pod_name: pod = "" } = flow[side] ?? {};
    return workloads.get(`${namespace}/${pod}`) ?? peer.name;
  };
  return {
    id: edgeId(edge),
    edge,
    connection,
    client,
    server,
    clientWorkload: workloadOf("source", client),
    serverWorkload: workloadOf("destination", server),
  };
}

/** An address that answers of DNS told of has their names, as it would have in the data path. */
function withNames(
  connection: Connection,
  answers: ReadonlyMap<string, readonly string[]>,
): Connection {
  const { to } = connection;
  const told = to.kind === "address" ? to.addresses.flatMap((one) => answers.get(one) ?? []) : [];
  if (told.length === 0) return connection;
  const fqdns = [...new Set([...to.fqdns, ...told.map(normalizeName)])];
  return { ...connection, to: { ...to, fqdns } };
}

/** The newest first: a workload is what it was seen as last. */
function* podsOf(known: readonly Placed[]): Generator<SeenPod> {
  const newest = known.toSorted((a, b) =>
    a.edge.lastNs < b.edge.lastNs ? 1 : a.edge.lastNs > b.edge.lastNs ? -1 : 0,
  );
  for (const { connection, clientWorkload, serverWorkload } of newest) {
    yield { endpoint: connection.from, workload: clientWorkload };
    yield { endpoint: connection.to, workload: serverWorkload };
  }
}

/** ICMP that asks for nothing: errors, answers, and how neighbours and routers find one another. */
const NO_REQUEST = { ICMP: [0, 3, 4, 5, 9, 10, 11, 12, 14], ICMPv6: [1, 2, 3, 4, 129] };

/** What is told to everybody, what a pod says to itself, and answers that came without a question. */
function isNoConnection({ edge, connection }: Placed): boolean {
  const { from, to, protocol, port } = connection;
  if (protocol === "ICMP" && NO_REQUEST.ICMP.includes(port)) return true;
  if (protocol === "ICMPv6" && (NO_REQUEST.ICMPv6.includes(port) || (port >= 130 && port < 138)))
    return true;
  if (isForMany(edge.flow.IP?.destination ?? "")) return true;
  // Only pods that are alone: replicas may well talk to one another.
  const [one, ...others] = edge.sources.names;
  return (
    from.kind === "pod" &&
    to.kind === "pod" &&
    one !== undefined &&
    others.length === 0 &&
    edge.sources.count === 1 &&
    edge.destinations.count === 1 &&
    edge.destinations.names[0] === one
  );
}

interface Verdict {
  /** Undefined: somebody needs it. */
  readonly why: LeftOut["why"] | undefined;
  readonly says: string;
  readonly pattern: TrafficPattern;
}

/** Of all connections, some are answered: then one that is not says something. */
const ANSWERED_SHARE = 0.3;

function createSorter(
  known: readonly Placed[],
  traffic: ObservedTraffic,
  directory: Directory,
): (one: Placed) => Verdict {
  const forwarded = known.filter(
    ({ edge, connection }) => edge.outcome === "forwarded" && connection.protocol === "TCP",
  );
  const answered = forwarded.filter(({ edge }) => edge.replies > 0).length;
  const tellsAnswers = answered > 0 && answered >= forwarded.length * ANSWERED_SHARE;
  const isUnanswered = ({ edge, connection }: Placed): boolean =>
    tellsAnswers &&
    edge.outcome === "forwarded" &&
    edge.replies === 0 &&
    (connection.protocol === "TCP" || connection.protocol === "SCTP");
  const dropped = new Map(
    known
      .filter(({ edge }) => edge.outcome === "dropped")
      .map((one) => [pairOf(one.edge), one.edge] as const),
  );
  /** It left its client and was dropped at the server: one packet, told by both nodes. */
  const isDroppedFurtherOn = ({ edge }: Placed): boolean => {
    if (edge.outcome !== "forwarded" || edge.replies > 0 || dropped.size === 0) return false;
    const twin = dropped.get(pairOf(edge));
    return twin !== undefined && twin.flows * 2 >= edge.flows;
  };
  const probes = known
    .filter(({ connection }) => connection.from.kind !== "host")
    .map((one) =>
      probeOf(one, directory, isUnanswered(one) || isDroppedFurtherOn(one), tellsAnswers),
    );
  const scans = new Set([...scansAmong(probes, traffic.hours)].map(({ of }) => of));
  const long = traffic.hours.length >= SHORTEST_FOR_PATTERNS;
  return (one) => {
    const { edge, connection } = one;
    if (scans.has(one))
      return {
        why: "scanner",
        pattern: "scan",
        says: `${nameOf(one.client)} tried many ports or targets in a short time.`,
      };
    const pattern = patternOf(edge.hours, traffic.hours);
    if (edge.outcome === "dropped" || isDroppedFurtherOn(one))
      return { why: "dropped", pattern, says: "It was dropped." };
    if (edge.outcome === "audited")
      return { why: "audited", pattern, says: "A policy in audit mode would have dropped it." };
    if (pattern === "once" && long && isUnanswered(one))
      return {
        why: "once",
        pattern,
        says: "It was tried in one short while, and nobody answered.",
      };
    if (pattern === "once" && long && isThrowaway(connection, one.client))
      return {
        why: "once",
        pattern,
        says: `It was seen in one short while alone, from a pod that no workload owns.`,
      };
    return { why: undefined, pattern, says: "" };
  };
}

const nameOf = ({ namespace, name }: Peer): string =>
  namespace === "" ? name : `${namespace}/${name}`;

/** The same connection, whatever became of it. */
function pairOf({ flow }: ObservedEdge): string {
  return JSON.stringify([endKey(flow, "source"), endKey(flow, "destination"), flow.l4]);
}

/** A pod that somebody started by hand. */
function isThrowaway({ from }: Connection, client: Peer): boolean {
  return from.kind === "pod" && from.local && client.kind === "pod";
}

function probeOf(
  one: Placed,
  directory: Directory,
  unanswered: boolean,
  tellsAnswers: boolean,
): Probe & { readonly of: Placed } {
  const { edge, connection, client, server } = one;
  const port = `${connection.protocol}/${connection.port}`;
  return {
    of: one,
    source: keyOf(client, connection.from),
    target: keyOf(server, connection.to),
    port,
    hours: edge.hours,
    hourFlows: edge.hourFlows,
    dropped: edge.outcome === "dropped",
    unanswered,
    brief:
      tellsAnswers &&
      edge.flows - edge.replies <= edge.starts &&
      edge.replies <= Math.max(1, edge.starts),
    declared: directory.classOf(connection.to, one.serverWorkload)?.ports.has(port) === true,
  };
}

/** What is outside goes by its address: all of the world is not one somebody. */
function keyOf({ kind, namespace, name }: Peer, { kind: of, addresses }: Endpoint): string {
  const [address] = of === "address" ? addresses : [];
  return address ?? `${kind}/${namespace}/${name}`;
}
