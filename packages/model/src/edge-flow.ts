import type { EdgeProtocol, OrientedFlow } from "./edge-orient.js";
import type { Endpoint, Flow } from "./flow.js";
import type { ObservedEdge } from "./observed-edge.js";
import { formatTimeNs } from "./times.js";

type Side = "source" | "destination";

/** Client and server of a flow. */
export function sidesOf(isReply: boolean): readonly [client: Side, server: Side] {
  return isReply ? ["destination", "source"] : ["source", "destination"];
}

/** The flow with client before server and nothing in it but what stands for its edge. */
export function standIn(flow: Flow, { isReply, protocol, port }: OrientedFlow, ns: bigint): Flow {
  const [client, server] = sidesOf(isReply);
  const result: Flow = {};
  if (ns > 0n) result.time = formatTimeNs(ns);
  const kept = [
    "uuid",
    "verdict",
    "drop_reason_desc",
    "node_name",
    "node_labels",
    "traffic_direction",
  ] as const;
  for (const key of kept) if (flow[key] !== undefined) Object.assign(result, { [key]: flow[key] });
  if (flow.event_type?.type !== undefined) result.event_type = { type: flow.event_type.type };
  const [source, destination] = [flow.IP?.[client], flow.IP?.[server]];
  if (source !== undefined || destination !== undefined)
    result.IP = {
      ...(source === undefined ? {} : { source }),
      ...(destination === undefined ? {} : { destination }),
    };
  result.l4 = layerOf(protocol, port);
  const ends = [
    ["source", client],
    ["destination", server],
  ] as const;
  for (const [side, from] of ends) {
    const end = flow[from] ?? {};
    result[side] = endOf(end);
    // What a pod's address resolves to says nothing about who it is.
    const names = flow[`${from}_names`] ?? [];
    if ((end.pod_name ?? "") === "" && names.length > 0) result[`${side}_names`] = names;
  }
  result.is_reply = false;
  return result;
}

/** Without the number that it has on its node, and without what is empty. */
function endOf({
  identity,
  cluster_name,
  namespace,
  labels,
  pod_name,
  workloads,
}: Endpoint): Endpoint {
  const end: Endpoint = {};
  if (identity) end.identity = identity;
  if (cluster_name) end.cluster_name = cluster_name;
  if (namespace) end.namespace = namespace;
  if (labels?.length) end.labels = labels;
  if (pod_name) end.pod_name = pod_name;
  const { name = "", kind = "" } = workloads?.[0] ?? {};
  if (name !== "" || kind !== "")
    end.workloads = [{ ...(name === "" ? {} : { name }), ...(kind === "" ? {} : { kind }) }];
  return end;
}

function layerOf(protocol: EdgeProtocol, port: number): NonNullable<Flow["l4"]> {
  if (protocol === "ICMPv4" || protocol === "ICMPv6") return { [protocol]: { type: port } };
  return { [protocol]: { destination_port: port } };
}

/** Most frequent first; equally frequent ones in an order that is the same each time. */
export function compareEdges(a: ObservedEdge, b: ObservedEdge): number {
  if (a.flows !== b.flows) return b.flows - a.flows;
  const [left, right] = [orderOf(a), orderOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Each edge is compared with a dozen others, and most are as frequent as many. */
const orders = new WeakMap<ObservedEdge, string>();

function orderOf(edge: ObservedEdge): string {
  let order = orders.get(edge);
  if (order === undefined) {
    const { flow, outcome } = edge;
    order = JSON.stringify([outcome, flow.source, flow.destination, flow.IP, flow.l4]);
    orders.set(edge, order);
  }
  return order;
}
