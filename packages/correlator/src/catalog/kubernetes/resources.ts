import type { ObjectKind } from "@dropscope/policy";

/** A resource of the API that is listed and watched; nothing else is ever asked for. */
export interface Resource {
  readonly kind: ObjectKind | "EndpointSlice";
  /** Empty for the core group. */
  readonly group: string;
  /** In the order of preference; the first one that the server has is read. */
  readonly versions: readonly string[];
  readonly plural: string;
  /** Restricts what is listed. */
  readonly labelSelector?: string;
  /** Every cluster has it, so nobody needs to ask whether it is there. */
  readonly builtIn: boolean;
}

const builtIn = (
  kind: Resource["kind"],
  plural: string,
  group = "",
  labelSelector?: string,
): Resource => ({
  kind,
  group,
  versions: ["v1"],
  plural,
  builtIn: true,
  ...(labelSelector === undefined ? {} : { labelSelector }),
});

const defined = (
  kind: ObjectKind,
  plural: string,
  group: string,
  ...versions: string[]
): Resource => ({ kind, group, versions, plural, builtIn: false });

const POLICY_GROUP = "policy.networking.k8s.io";

/** Keep it in step with the ClusterRole in deploy/. */
export const RESOURCES: readonly Resource[] = [
  builtIn("Namespace", "namespaces"),
  builtIn("NetworkPolicy", "networkpolicies", "networking.k8s.io"),
  defined("CiliumNetworkPolicy", "ciliumnetworkpolicies", "cilium.io", "v2"),
  defined("CiliumClusterwideNetworkPolicy", "ciliumclusterwidenetworkpolicies", "cilium.io", "v2"),
  defined("CiliumCIDRGroup", "ciliumcidrgroups", "cilium.io", "v2", "v2alpha1"),
  defined("AdminNetworkPolicy", "adminnetworkpolicies", POLICY_GROUP, "v1alpha1"),
  defined("BaselineAdminNetworkPolicy", "baselineadminnetworkpolicies", POLICY_GROUP, "v1alpha1"),
  defined("ClusterNetworkPolicy", "clusternetworkpolicies", POLICY_GROUP, "v1alpha2"),
  builtIn("Service", "services"),
  // Slices that a controller derives from pods say nothing new, and they are most of them.
  builtIn(
    "EndpointSlice",
    "endpointslices",
    "discovery.k8s.io",
    "endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io",
  ),
  builtIn("Node", "nodes"),
  builtIn("Pod", "pods"),
];

/** Path of a resource of all namespaces. */
export function pathOf({ group, plural }: Resource, version: string): string {
  return `${groupPath(group, version)}/${plural}`;
}

export function groupPath(group: string, version: string): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}
