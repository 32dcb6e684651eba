import type {
  NamespaceReadiness,
  ObservedEdge,
  ObservedTraffic,
  ReadinessAnswer,
} from "@dropscope/model";
import { type Endpoint, isDenial } from "@dropscope/policy";
import type { TuningCluster } from "../cluster/index.js";
import { evidenceOf } from "../traffic/index.js";
import { cleanDays } from "./clean-days.js";
import { planOf } from "./plan.js";
import { type Resolver, resolverOf } from "./resolver.js";
import { type DefaultDeny, type NamespaceTraffic, underDefaultDeny } from "./sides.js";
import { stageOf } from "./stage.js";
import { type NamespaceWorkload, workloadsOf } from "./workloads.js";

export interface ReadinessOptions {
  /** Only this one. The traffic of all with whom it talks must be given. */
  readonly namespace?: string;
  /** Namespaces whose traffic is given whole, all when absent: nothing is told of others. */
  readonly visible?: readonly string[];
  /** Clean days in a row that make it ready. Default 7. */
  readonly days?: number;
}

const DAYS = 7;
/** Gaps that are told with each of many namespaces. */
const MOST_GAPS = 20;
const DAY_NS = 24n * 3_600_000_000_000n;

/**
 * How far each namespace is from a default deny that breaks nothing. What was seen is judged by the
 * policies in force together with a default deny of every namespace; what cannot be judged is never safe.
 */
export function readinessOf(
  traffic: ObservedTraffic,
  cluster: TuningCluster,
  options: ReadinessOptions = {},
): ReadinessAnswer {
  const { namespace, visible, days = DAYS } = options;
  const declared = cluster.objects.flatMap((object) =>
    object.kind === "Namespace" ? [object.name] : object.kind === "Pod" ? [object.namespace] : [],
  );
  const judged = underDefaultDeny(traffic, cluster, [...new Set(declared)]);
  const workloads = workloadsOf(cluster, judged.namespaces);
  return {
    at: cluster.at,
    namespaces: [...judged.namespaces]
      .filter(([name]) => namespace === undefined || name === namespace)
      .filter(([name]) => visible === undefined || visible.includes(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, own]) =>
        tell(name, own, {
          traffic,
          cluster,
          days,
          judged,
          workloads: workloads.get(name) ?? [],
          isOne: namespace !== undefined,
        }),
      ),
  };
}

interface Telling {
  readonly traffic: ObservedTraffic;
  readonly cluster: TuningCluster;
  readonly days: number;
  readonly judged: DefaultDeny;
  readonly workloads: readonly NamespaceWorkload[];
  /** Whether one namespace alone was asked about. */
  readonly isOne: boolean;
}

function tell(namespace: string, own: NamespaceTraffic, telling: Telling): NamespaceReadiness {
  const { traffic, cluster, days, judged, workloads } = telling;
  const { breaks, unknown, unknownEdges } = own;
  const evidence = evidenceOf(trafficOf(own.edges, traffic, telling.isOne), unknown.list());
  const resolver = resolverOf(namespace, judged, cluster);
  const blind = own.edges.length === 0;
  // Who connects nowhere looks nothing up; of whom nothing is known, that is not known either.
  const asking = workloads.filter(({ name }) => blind || own.clients.has(name));
  const dns = dnsOf(asking, resolver, judged);
  const recent = breaks.filter(({ edge }) => edge.lastNs > traffic.untilNs - DAY_NS);
  const input = {
    namespace,
    workloads,
    breaks,
    recent,
    dns: dns.udp,
    onlyUdp: dns.udp === "allowed" && dns.tcp !== "allowed",
    cleanDays: cleanDays(traffic, [...breaks.map(({ edge }) => edge), ...unknownEdges]),
    days,
    unknown: unknownEdges.length,
    left: traffic.left,
    aside: own.aside,
    audit: cluster.profile.audit,
    blind,
    unseen: workloads.filter(({ name }) => !own.pods.has(name)).length,
    hoursSeen: evidence.hoursSeen,
  };
  return {
    namespace,
    ...stageOf(input),
    workloads: workloads.length,
    isolated: {
      ingress: workloads.filter(({ isolated }) => isolated.ingress).length,
      egress: workloads.filter(({ isolated }) => isolated.egress).length,
    },
    dns: dns.udp,
    wouldBreak: {
      edges: breaks.length,
      flows: breaks.reduce((sum, { edge }) => sum + edge.flows, 0),
    },
    cleanDays: input.cleanDays,
    evidence,
    plan: planOf(input),
  };
}

/** The range's observation, with the edges of one namespace. */
function trafficOf(
  edges: readonly ObservedEdge[],
  traffic: ObservedTraffic,
  isOne: boolean,
): ObservedTraffic {
  const gaps = isOne
    ? traffic.gaps
    : traffic.gaps.toSorted((a, b) => (a.time < b.time ? 1 : -1)).slice(0, MOST_GAPS);
  const flows = edges.reduce((sum, edge) => sum + edge.flows, 0);
  let [firstNs, lastNs] = [0n, 0n];
  for (const edge of edges) {
    if (firstNs === 0n || edge.firstNs < firstNs) firstNs = edge.firstNs;
    if (edge.lastNs > lastNs) lastNs = edge.lastNs;
  }
  return { ...traffic, gaps, edges, flows, firstNs, lastNs, unplaced: 0 };
}

/** Whether each of the workloads could still ask the resolver. */
function dnsOf(
  workloads: readonly NamespaceWorkload[],
  resolver: Resolver,
  judged: DefaultDeny,
): { readonly udp: NamespaceReadiness["dns"]; readonly tcp: NamespaceReadiness["dns"] } {
  const by = (protocol: "UDP" | "TCP"): NamespaceReadiness["dns"] => {
    const denied = workloads.filter(
      ({ endpoint }) =>
        !isSame(endpoint, resolver.endpoint) &&
        isDenial(
          judged.side(
            { from: endpoint, to: resolver.endpoint, protocol, port: resolver.port },
            "egress",
          ).outcome,
        ),
    );
    if (denied.length === 0) return "allowed";
    return denied.some(({ isolated }) => isolated.egress) ? "missing" : "not-isolated";
  };
  return { udp: by("UDP"), tcp: by("TCP") };
}

/** Resolvers themselves ask others. */
function isSame(a: Endpoint, b: Endpoint): boolean {
  return (
    a.kind === "pod" &&
    a.namespace === b.namespace &&
    a.labels.texts.join() === b.labels.texts.join()
  );
}
