import type { Flow } from "./flow.js";
import { LAST_ENTITY_IDENTITY, RESERVED_IDENTITIES } from "./identities.js";
import type { Peer } from "./live.js";
import { podOwner } from "./pod-owner.js";

/**
 * The name under which one end of a flow is shown and folded: its workload, also where only
 * the name of the pod tells it, else its pod, else its DNS name, else its reserved entity,
 * else its address. The rollups of the store fold by the same rule.
 */
export function peerOf(flow: Flow, end: "source" | "destination"): Peer {
  const endpoint = flow[end];
  const namespace = endpoint?.namespace ?? "";
  const pod = endpoint?.pod_name ?? "";
  const workload = endpoint?.workloads?.[0]?.name || podOwner(pod);
  if (workload !== "") return { kind: "workload", namespace, name: workload };
  if (pod !== "") return { kind: "pod", namespace, name: pod };
  const name = flow[`${end}_names`]?.[0];
  if (name !== undefined) return { kind: "name", namespace, name };
  const entity = entityOfIdentity(endpoint?.identity ?? 0);
  if (entity !== undefined) return { kind: "entity", namespace, name: entity };
  const ip = flow.IP?.[end] ?? "";
  return ip === "" ? { kind: "unknown", namespace, name: "" } : { kind: "ip", namespace, name: ip };
}

function entityOfIdentity(identity: number): string | undefined {
  if (identity < 1 || identity > LAST_ENTITY_IDENTITY) return undefined;
  return (RESERVED_IDENTITIES as Readonly<Record<number, string>>)[identity];
}
