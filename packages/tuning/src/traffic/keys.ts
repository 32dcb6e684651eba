import { type Flow, type OrientedFlow, podOwner, sidesOf } from "@dropscope/model";

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

export function workloadOf(flow: Flow, side: Side): string {
  const end = flow[side];
  return end?.workloads?.[0]?.name || podOwner(end?.pod_name ?? "");
}

/** Who was at an end: `namespace/pod`, or the address of what is no pod. */
export function nameOfEnd(flow: Flow, side: Side): string {
  const { pod_name: pod = "", namespace = "" } = flow[side] ?? {};
  return pod === "" ? (flow.IP?.[side] ?? "") : `${namespace}/${pod}`;
}
