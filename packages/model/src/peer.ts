import type { Endpoint, Flow } from "./flow.js";
import { parseLabel } from "./filter/labels.js";
import { RESERVED_IDENTITIES } from "./identities.js";
import type { Peer } from "./live.js";

/**
 * The name under which one end of a flow is shown and folded: its workload, else its pod,
 * else its DNS name, else its reserved entity, else its address.
 */
export function peerOf(flow: Flow, end: "source" | "destination"): Peer {
  const endpoint = flow[end];
  const namespace = endpoint?.namespace ?? "";
  const workload = endpoint?.workloads?.[0]?.name ?? "";
  if (workload !== "") return { kind: "workload", namespace, name: workload };
  const pod = endpoint?.pod_name ?? "";
  if (pod !== "") return { kind: "pod", namespace, name: pod };
  const name = flow[`${end}_names`]?.[0] ?? "";
  if (name !== "") return { kind: "name", namespace, name };
  const entity = endpoint === undefined ? undefined : entityOf(endpoint);
  if (entity !== undefined) return { kind: "entity", namespace, name: entity };
  const ip = flow.IP?.[end] ?? "";
  return ip === "" ? { kind: "unknown", namespace, name: "" } : { kind: "ip", namespace, name: ip };
}

/** The reserved entity of an endpoint, by its identity or its labels; `undefined` for a pod. */
export function entityOf(endpoint: Endpoint): string | undefined {
  return entityOfIdentity(endpoint.identity ?? 0) ?? entityOfLabels(endpoint.labels ?? []);
}

export function entityOfIdentity(identity: number): string | undefined {
  if (identity === 0) return undefined;
  return (RESERVED_IDENTITIES as Readonly<Record<number, string>>)[identity];
}

/** An API server's node carries `reserved:kube-apiserver` beside a more general one: the special one names it. */
export function entityOfLabels(labels: readonly string[]): string | undefined {
  const names = labels
    .map(parseLabel)
    .filter((label) => label.source === "reserved")
    .map((label) => label.key);
  return (
    names.find((name) => name !== "world" && name !== "remote-node" && name !== "host") ?? names[0]
  );
}
