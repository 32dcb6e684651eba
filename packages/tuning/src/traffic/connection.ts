import {
  clusterOf,
  endOf,
  type FlowEnd,
  layerOf,
  type Moment,
  statedDirection,
} from "@dropscope/correlator";
import type { Flow, ObservedEdge } from "@dropscope/model";
import type { Connection, Endpoint } from "@dropscope/policy";

/** An edge as policies judge it, or in a sentence why that cannot be told: such an edge never counts as safe. */
export type EdgeConnection =
  | {
      readonly known: true;
      readonly connection: Connection;
      readonly from: FlowEnd;
      readonly to: FlowEnd;
    }
  | { readonly known: false; readonly why: EdgeUnknown };

export const EDGE_UNKNOWNS = [
  "the flow does not tell who the client is, and the cluster does not know its address",
  "the flow does not tell who the server is, and the cluster does not know its address",
  "the flow does not tell protocol and port",
  "the server's address is that of a Service, and the flow does not tell which pod answered",
] as const;
export type EdgeUnknown = (typeof EDGE_UNKNOWNS)[number];

/**
 * The ends of an edge by the labels that they had when it was seen; what flows lack (container ports, labels of
 * namespaces and nodes, service accounts) is that of the moment.
 */
export function connectionOfEdge(
  { flow }: Pick<ObservedEdge, "flow">,
  moment: Moment,
): EdgeConnection {
  const [noClient, noServer, noPort, service] = EDGE_UNKNOWNS;
  const layer = layerOf(flow);
  if (layer === undefined) return { known: false, why: noPort };
  const around = { moment, cluster: observingCluster(flow) || moment.profile.cluster };
  const from = endOf(flow, "source", around);
  if (from.known === "not") return { known: false, why: noClient };
  const to = endOf(flow, "destination", around);
  if (to.known === "not") return { known: false, why: noServer };
  if (isService(to.endpoint, moment)) return { known: false, why: service };
  return { known: true, connection: { from: from.endpoint, to: to.endpoint, ...layer }, from, to };
}

/** The cluster whose policies judged it: that of the end at which it was seen. */
function observingCluster(flow: Flow): string {
  if (statedDirection(flow) === "ingress") return clusterOf(flow.destination);
  return clusterOf(flow.source) || clusterOf(flow.destination);
}

const services = new WeakMap<Moment, ReadonlySet<string>>();

/** Policies see what is behind a Service, never its own address. */
function isService({ kind, addresses }: Endpoint, moment: Moment): boolean {
  if (kind !== "address") return false;
  let known = services.get(moment);
  if (known === undefined) {
    known = new Set(
      moment.view.context().services.flatMap(({ clusterAddresses }) => clusterAddresses),
    );
    services.set(moment, known);
  }
  return addresses.some((address) => known.has(address));
}
