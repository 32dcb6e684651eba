import type { ObservedEdge, ObservedTraffic } from "@dropscope/model";
import {
  type Connection,
  type Direction,
  type Endpoint,
  isDenial,
  matchContext,
} from "@dropscope/policy";
import type { TuningCluster } from "../cluster/index.js";
import { createJudge, type SideUse } from "../rules/judge.js";
import { answersOf } from "../rules/names.js";
import { createUnknowns, type Unknowns } from "../rules/unknowns.js";
import { isLookup } from "../suggest/resolvers.js";
import { sortOut } from "../suggest/sort-out.js";
import { defaultDeny, isMade } from "./default-deny.js";

/** An edge that a default deny would cut at the end of one namespace. */
export interface Break {
  readonly edge: ObservedEdge;
  readonly connection: Connection;
  readonly direction: Direction;
  /** Whether a policy that is there has a say in it already, and does not allow it. */
  readonly covered: boolean;
}

/** What the traffic of one namespace would meet under a default deny. */
export interface NamespaceTraffic {
  readonly edges: ObservedEdge[];
  /** Of what passed; each edge once. */
  readonly breaks: Break[];
  readonly unknown: Unknowns;
  readonly unknownEdges: ObservedEdge[];
  /** Edges that are left aside: scans, tries that nobody answered. */
  aside: number;
  /** Workloads of its own that connect anywhere: they may need names. */
  readonly clients: Set<string>;
  /** Pods of its own that were seen, by workload; stand in where the cluster's pods are not known. */
  readonly pods: Map<string, Endpoint>;
}

/** Judges one direction of a connection under the policies and a default deny of every namespace. */
export interface DefaultDeny {
  readonly namespaces: ReadonlyMap<string, NamespaceTraffic>;
  side(connection: Connection, direction: Direction): SideUse;
  /** Of all namespaces: lookups of names at the cluster's own resolver. */
  readonly lookups: readonly { readonly edge: ObservedEdge; readonly connection: Connection }[];
}

const UNKNOWN_NAMES = "policies go by names of DNS, and the names of the address are not known";

/**
 * Scans, single tries that nobody answered and what was dropped further on are nothing that a default deny
 * would break: they are left aside, as a proposal leaves them out.
 * @param named namespaces that are judged beside those that traffic has
 */
export function underDefaultDeny(
  traffic: ObservedTraffic,
  cluster: TuningCluster,
  named: readonly string[],
): DefaultDeny {
  const namespaces = new Map<string, NamespaceTraffic>();
  const of = (namespace: string): NamespaceTraffic => {
    let known = namespaces.get(namespace);
    if (known === undefined) namespaces.set(namespace, (known = newTraffic()));
    return known;
  };
  for (const namespace of named) of(namespace);
  for (const edge of traffic.edges)
    for (const namespace of namespacesOf(edge)) of(namespace).edges.push(edge);
  const { profile, view, policies } = cluster;
  const judge = createJudge(
    [...policies, ...[...namespaces.keys()].flatMap(defaultDeny)],
    // What nobody enforces yet is asked about as if it were.
    matchContext({ ...profile, audit: false, enforcement: "default" }, view.context()),
  );
  const { wanted, unwanted, unplaced } = sortOut(traffic, cluster, ALSO_WANTED, answersOf(traffic));
  for (const { edge, why } of unplaced) {
    // What does not pass already cannot break.
    if (edge.outcome === "dropped") continue;
    for (const namespace of namespacesOf(edge)) addUnknown(of(namespace), edge, why);
  }
  for (const { seen } of unwanted) {
    if (seen.edge.outcome === "dropped") continue;
    for (const namespace of namespacesOf(seen.edge)) of(namespace).aside++;
  }
  for (const { connection, client, server } of [...wanted, ...unwanted.map(({ seen }) => seen)])
    for (const [end, { name }] of [
      [connection.from, client],
      [connection.to, server],
    ] as const)
      if (isOwnPod(end) && !of(end.namespace).pods.has(name)) of(end.namespace).pods.set(name, end);
  for (const { edge, connection, client } of wanted) {
    if (isOwnPod(connection.from)) of(connection.from.namespace).clients.add(client.name);
    const broken = new Set<string>();
    for (const side of judge(connection)) {
      const end = side.direction === "egress" ? connection.from : connection.to;
      if (!isOwnPod(end) || !isDenial(side.outcome)) continue;
      const own = of(end.namespace);
      if (side.uncertain.length > 0) addUnknown(own, edge, UNKNOWN_NAMES);
      else if (!broken.has(end.namespace)) {
        broken.add(end.namespace);
        const covered = side.selecting.some(
          (policy) => !isMade(policy) && policy.isolates[side.direction],
        );
        own.breaks.push({ edge, connection, direction: side.direction, covered });
      }
    }
  }
  return {
    namespaces,
    lookups: wanted.filter(
      ({ connection }) => connection.protocol === "UDP" && isLookup(connection),
    ),
    side: (connection, direction) => judge(connection)[direction === "egress" ? 0 : 1],
  };
}

/** What audit mode let pass would not pass any more. */
const ALSO_WANTED: ReadonlySet<string> = new Set(["audited"]);

function newTraffic(): NamespaceTraffic {
  const pods = new Map<string, Endpoint>();
  const clients = new Set<string>();
  return {
    edges: [],
    breaks: [],
    unknown: createUnknowns(),
    unknownEdges: [],
    aside: 0,
    clients,
    pods,
  };
}

function addUnknown(to: NamespaceTraffic, edge: ObservedEdge, why: string): void {
  to.unknown.add(why, edge);
  to.unknownEdges.push(edge);
}

const isOwnPod = ({ kind, local, namespace }: Endpoint): boolean =>
  kind === "pod" && local && namespace !== "";

/** Namespaces of the pods at its ends, as the flow names them. */
function namespacesOf({ flow }: ObservedEdge): string[] {
  const names = [flow.source, flow.destination].map((end) => end?.namespace ?? "");
  return [...new Set(names)].filter((name) => name !== "");
}
