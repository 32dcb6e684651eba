import type { Endpoint } from "../endpoint.js";
import { type MatchContext, matchContext } from "../match/context.js";
import type { Manifests, Namespace, Node } from "../objects.js";
import type { Policy } from "../policy.js";
import type { Profile } from "../profile.js";
import { nodeEndpoint } from "./ends.js";
import { namespacesOf } from "./namespaces.js";
import { createResolver, type Resolution } from "./resolve.js";
import { type WorldWorkload, workloadsOf } from "./workloads.js";

/** What has been seen of the network, beside the manifests. */
export interface Observations {
  /** DNS names by the address that they resolved to. */
  readonly fqdns?: ReadonlyMap<string, readonly string[]>;
  /** Addresses outside the cluster at which its API server answers. */
  readonly apiServers?: readonly string[];
  /**
   * `nodes` (the default): a pod of the host network is the node's own traffic.
   * `pods`: it is judged like any pod, as tools do that look at labels alone.
   */
  readonly hostNetworkPods?: "nodes" | "pods";
}

/** The cluster that policies are judged in. */
export interface World {
  readonly profile: Profile;
  readonly context: MatchContext;
  readonly policies: readonly Policy[];
  /** Declared ones and those that are only used, by name. */
  readonly namespaces: readonly Namespace[];
  readonly workloads: readonly WorldWorkload[];
  /** One per workload: replicas of an owner are one. */
  readonly endpoints: readonly Endpoint[];
  readonly nodes: readonly Endpoint[];
  namespaceLabels(namespace: string): Readonly<Record<string, string>>;
  /**
   * An end by `ns/name` of a pod or workload, by `name` in `namespace`, by address,
   * by the name of an entity or a node, or a node as subject of host policies by
   * `host/name`; undefined when there is none. Of several, the first.
   */
  endpoint(ref: string, namespace?: string): Endpoint | undefined;
  /** As `endpoint`, with all ends that are meant and a remark where the answer is not what was literally asked. */
  resolve(ref: string, namespace?: string): Resolution | undefined;
}

export function createWorld(
  manifests: Manifests,
  profile: Profile,
  observations: Observations = {},
): World {
  const namespaces = namespacesOf(manifests);
  const namespaceLabels = (name: string): Readonly<Record<string, string>> =>
    namespaces.get(name)?.labels ?? { "kubernetes.io/metadata.name": name };
  const nodesByName = new Map(manifests.nodes.map((node) => [node.name, node]));
  const workloads = workloadsOf(manifests, {
    profile,
    namespaceLabels,
    node: (name) => nodesByName.get(name),
    hostNetworkAsNode: observations.hostNetworkPods !== "pods",
  });
  const nodes = manifests.nodes.map((node) => nodeOf(node, profile));
  const resolver = createResolver({ workloads, nodes, manifests, observations, profile });
  return {
    profile,
    context: matchContext(profile, manifests),
    policies: manifests.policies,
    namespaces: [...namespaces.values()],
    workloads,
    endpoints: workloads.map(({ endpoint }) => endpoint),
    nodes,
    namespaceLabels,
    endpoint: (ref, namespace) => resolver(ref, namespace)?.endpoints[0],
    resolve: resolver,
  };
}

const controlPlane = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

/** @param isServer whether the API server is known to answer at the node */
export function nodeOf(node: Node, profile: Profile, isServer = false): Endpoint {
  return nodeEndpoint(
    {
      name: node.name,
      kind: "remote-node",
      labels: node.labels,
      addresses: node.addresses,
      apiServer: isServer || controlPlane.some((key) => Object.hasOwn(node.labels, key)),
    },
    profile.cluster,
  );
}
