import type { Endpoint } from "../endpoint.js";
import type { Entity } from "../policy.js";
import { POLICY_CLUSTER } from "../selector.js";
import { isIPv4 } from "./cidr.js";

/** Everything of a cluster that is no pod. */
const clusterParts = [
  "host",
  "remote-node",
  "init",
  "ingress",
  "health",
  "unmanaged",
  "kube-apiserver",
] as const;

/** Whether an end belongs to one of Cilium's entities. `cluster` is the name of the local cluster. */
export function matchesEntity(entity: Entity, endpoint: Endpoint, cluster: string): boolean {
  switch (entity) {
    case "all":
      return true;
    case "none":
      return false;
    case "world":
      return endpoint.kind === "address";
    case "world-ipv4":
      return endpoint.kind === "address" && endpoint.addresses.some(isIPv4);
    case "world-ipv6":
      return endpoint.kind === "address" && !endpoint.addresses.some(isIPv4);
    case "cluster":
      return (
        clusterParts.some((part) => isReserved(endpoint, part)) ||
        endpoint.labels.value(POLICY_CLUSTER, "k8s") === cluster
      );
    default:
      return isReserved(endpoint, entity);
  }
}

function isReserved(endpoint: Endpoint, name: string): boolean {
  return endpoint.labels.value(name, "reserved") !== undefined;
}
