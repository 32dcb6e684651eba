import type { Manifests } from "../objects.js";
import type { Policy, PolicyKind } from "../policy.js";
import type { Slot } from "../source/slot.js";
import {
  readAdminNetworkPolicy,
  readBaselineAdminNetworkPolicy,
  readClusterNetworkPolicy,
} from "./admin-policy.js";
import { readCiliumPolicy } from "./cilium-policy.js";
import { readCidrGroup, readNamespace, readNode } from "./cluster-objects.js";
import { readNetworkPolicy } from "./network-policy.js";
import type { Report } from "./report.js";
import {
  readEndpoints,
  readEndpointSlice,
  readIngress,
  readRoute,
  readService,
} from "./service.js";
import { readPod, readWorkload } from "./workload.js";

/** One object to be read, and where its problems go. */
export interface ObjectInput {
  readonly root: Slot;
  readonly report: Report;
  /** Its namespace is empty for clusterwide kinds. */
  readonly object: { readonly namespace: string; readonly name: string };
  readonly uid: { readonly uid?: string };
  /** The cluster that selectors mean when they name none. */
  readonly cluster: string;
}

/** What an object adds to the manifests; nothing, when it was refused. */
export type Contribution = Partial<Omit<Manifests, "problems" | "sources">>;

export interface Kind {
  /** Versions of the API that dropscope reads; another one of a known kind is reported. */
  readonly versions: readonly string[];
  readonly namespaced: boolean;
  read(input: ObjectInput): Contribution;
}

type Read = Kind["read"];

const namespaced = (read: Read, ...versions: string[]): Kind => ({
  versions: versions.length > 0 ? versions : ["v1"],
  namespaced: true,
  read,
});
const clusterwide = (read: Read, ...versions: string[]): Kind => ({
  versions: versions.length > 0 ? versions : ["v1"],
  namespaced: false,
  read,
});

const policies =
  (read: (input: ObjectInput) => readonly Policy[] | Policy | undefined): Read =>
  (input) => ({ policies: [read(input) ?? []].flat() });
const cilium = (kind: PolicyKind): Read => policies((input) => readCiliumPolicy(input, kind));
const workload =
  (kind: string): Read =>
  (input) => ({ workloads: [readWorkload(input, kind)] });

/** By API group and kind; the core group is empty. */
export const KINDS: ReadonlyMap<string, Kind> = new Map(
  Object.entries({
    "networking.k8s.io/NetworkPolicy": namespaced(policies(readNetworkPolicy)),
    "policy.networking.k8s.io/AdminNetworkPolicy": clusterwide(
      policies(readAdminNetworkPolicy),
      "v1alpha1",
    ),
    "policy.networking.k8s.io/BaselineAdminNetworkPolicy": clusterwide(
      policies(readBaselineAdminNetworkPolicy),
      "v1alpha1",
    ),
    "policy.networking.k8s.io/ClusterNetworkPolicy": clusterwide(
      policies(readClusterNetworkPolicy),
      "v1alpha2",
    ),
    "cilium.io/CiliumNetworkPolicy": namespaced(cilium("CiliumNetworkPolicy"), "v2"),
    "cilium.io/CiliumClusterwideNetworkPolicy": clusterwide(
      cilium("CiliumClusterwideNetworkPolicy"),
      "v2",
    ),
    "cilium.io/CiliumCIDRGroup": clusterwide(
      (input) => ({ cidrGroups: [readCidrGroup(input)] }),
      "v2",
      "v2alpha1",
    ),
    Namespace: clusterwide((input) => ({ namespaces: [readNamespace(input)] })),
    Node: clusterwide((input) => ({ nodes: [readNode(input)] })),
    Pod: namespaced((input) => ({ workloads: [readPod(input)] })),
    ReplicationController: namespaced(workload("ReplicationController")),
    "apps/Deployment": namespaced(workload("Deployment")),
    "apps/ReplicaSet": namespaced(workload("ReplicaSet")),
    "apps/StatefulSet": namespaced(workload("StatefulSet")),
    "apps/DaemonSet": namespaced(workload("DaemonSet")),
    "batch/Job": namespaced(workload("Job")),
    "batch/CronJob": namespaced(workload("CronJob"), "v1", "v1beta1"),
    Service: namespaced((input) => ({ services: [readService(input)] })),
    Endpoints: namespaced((input) => ({ backends: [readEndpoints(input)] })),
    "discovery.k8s.io/EndpointSlice": namespaced(
      (input) => ({ backends: [readEndpointSlice(input) ?? []].flat() }),
      "v1",
      "v1beta1",
    ),
    "networking.k8s.io/Ingress": namespaced(
      (input) => ({ publications: [readIngress(input)] }),
      "v1",
      "v1beta1",
    ),
    "route.openshift.io/Route": namespaced((input) => ({ publications: [readRoute(input)] })),
  } satisfies Record<string, Kind>),
);

/** Groups that are about policies: a kind of theirs that is none of these is probably misspelt. */
export const POLICY_GROUPS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["networking.k8s.io", new Set(["IngressClass", "IPAddress", "ServiceCIDR"])],
  ["policy.networking.k8s.io", new Set<string>()],
  [
    "cilium.io",
    new Set([
      "CiliumBGPAdvertisement",
      "CiliumBGPClusterConfig",
      "CiliumBGPNodeConfig",
      "CiliumBGPNodeConfigOverride",
      "CiliumBGPPeerConfig",
      "CiliumBGPPeeringPolicy",
      "CiliumClusterwideEnvoyConfig",
      "CiliumEgressGatewayPolicy",
      "CiliumEndpoint",
      "CiliumEndpointSlice",
      "CiliumEnvoyConfig",
      "CiliumExternalWorkload",
      "CiliumGatewayClassConfig",
      "CiliumIdentity",
      "CiliumL2AnnouncementPolicy",
      "CiliumLoadBalancerIPPool",
      "CiliumLocalRedirectPolicy",
      "CiliumNode",
      "CiliumNodeConfig",
      "CiliumPodIPPool",
      "CiliumVTEPConfig",
    ]),
  ],
]);

/** Where a kind of policy belongs: bare kind → API groups and versions. */
export const POLICY_API: ReadonlyMap<string, string> = new Map(
  [...KINDS]
    .filter(([name]) => name.endsWith("Policy"))
    .map(([name, { versions }]) => {
      const [group, kind] = name.split("/") as [string, string];
      return [kind, `${group}/${versions[0]}`];
    }),
);
