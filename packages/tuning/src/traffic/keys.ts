import { type Endpoint, type Flow, formatTimeNs, podOwner } from "@dropscope/model";
import type { EdgeProtocol, OrientedFlow } from "./orient.js";

type Side = "source" | "destination";

/**
 * What makes an end of an edge another one: all that policies can look at, and the workload.
 * Equal texts for equal ends.
 */
export function endKey(flow: Flow, side: Side): string {
  const end = flow[side] ?? {};
  const { labels = [], pod_name: pod = "" } = end;
  const address = pod === "" ? [flow.IP?.[side] ?? "", flow[`${side}_names`] ?? []] : [];
  // Without labels the catalog is asked for the pod, or the number for the entity.
  const bare = labels.length === 0 ? [end.identity ?? 0, pod] : [];
  const { cluster_name: cluster = "", namespace = "" } = end;
  return JSON.stringify([labels, cluster, namespace, workloadOf(flow, side), address, bare]);
}

/** The whole edge. Between clusters it matters which of the two saw it: only that one's policies are known. */
export function edgeKey(flow: Flow, oriented: OrientedFlow): string {
  const { isReply, protocol, port, outcome } = oriented;
  const [client, server] = sidesOf(isReply);
  const clusters = [flow[client]?.cluster_name ?? "", flow[server]?.cluster_name ?? ""];
  const direction = clusters[0] === clusters[1] ? "" : String(flow.traffic_direction ?? "");
  return `${endKey(flow, client)}\n${endKey(flow, server)}\n${protocol} ${port} ${outcome} ${direction}`;
}

/** Client and server of a flow. */
export function sidesOf(isReply: boolean): readonly [client: Side, server: Side] {
  return isReply ? ["destination", "source"] : ["source", "destination"];
}

export function workloadOf(flow: Flow, side: Side): string {
  const end = flow[side];
  return end?.workloads?.[0]?.name || podOwner(end?.pod_name ?? "");
}

/** Who was at an end: `namespace/pod`, or the address of what is no pod. */
export function nameOfEnd(flow: Flow, side: Side): string {
  const { pod_name: pod = "", namespace = "" } = flow[side] ?? {};
  return pod === "" ? (flow.IP?.[side] ?? "") : `${namespace}/${pod}`;
}

/** The flow with client before server and nothing in it but what stands for its edge. */
export function standIn(flow: Flow, { isReply, protocol, port }: OrientedFlow, ns: bigint): Flow {
  const [client, server] = sidesOf(isReply);
  const result: Flow = {};
  if (ns > 0n) result.time = formatTimeNs(ns);
  for (const key of ["uuid", "verdict", "drop_reason_desc", "node_name", "event_type"] as const)
    if (flow[key] !== undefined) Object.assign(result, { [key]: flow[key] });
  if (flow.traffic_direction !== undefined) result.traffic_direction = flow.traffic_direction;
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
