import type { Endpoint, NamedPort } from "../endpoint.js";
import { parseLabels } from "../labels.js";
import { normalizeName } from "../match/fqdn.js";
import { nodeLabels, podLabels, type PodIdentity } from "./labels.js";

const none = { addresses: [], ports: [], fqdns: [], namespace: "", hostNetwork: false } as const;

export interface PodInput extends PodIdentity {
  readonly name: string;
  readonly ports?: readonly NamedPort[];
  readonly addresses?: readonly string[];
  readonly hostNetwork?: boolean;
}

/** A pod of `cluster`; it is local when that is the cluster whose policies are judged. */
export function podEndpoint(
  pod: PodInput,
  namespaceLabels: Readonly<Record<string, string>>,
  cluster: string,
  localCluster: string = cluster,
): Endpoint {
  return {
    kind: "pod",
    name: pod.name,
    namespace: pod.namespace,
    labels: parseLabels(podLabels(pod, namespaceLabels, cluster)),
    addresses: pod.addresses ?? [],
    ports: pod.ports ?? [],
    fqdns: [],
    hostNetwork: pod.hostNetwork ?? false,
    local: cluster === localCluster,
  };
}

export interface NodeInput {
  readonly name: string;
  readonly kind: "host" | "remote-node";
  readonly labels?: Readonly<Record<string, string>>;
  readonly addresses?: readonly string[];
  /** Whether the API server answers at the node's address. */
  readonly apiServer?: boolean;
  /** Whether it is a pod of the host network, which shares its node's identity. */
  readonly hostNetwork?: boolean;
}

/** A node: the one that the judged pods run on (`host`), or any other. */
export function nodeEndpoint(node: NodeInput, cluster: string): Endpoint {
  const reserved = node.apiServer === true ? [node.kind, "kube-apiserver"] : [node.kind];
  const own = node.labels ?? {};
  const labels = nodeLabels(reserved, own, cluster);
  // Policies for hosts look for the node's labels as labels of Kubernetes.
  const host = Object.entries(own).map(([key, value]) => `k8s:${key}=${value}`);
  return {
    ...none,
    kind: node.kind,
    name: node.name,
    labels: parseLabels(node.kind === "host" ? [...labels, ...host] : labels),
    addresses: node.addresses ?? [],
    hostNetwork: node.hostNetwork ?? false,
    local: node.kind === "host",
  };
}

/** health, ingress, init, unmanaged and the like. */
export function reservedEndpoint(name: string, labels: readonly string[] = [name]): Endpoint {
  return {
    ...none,
    kind: "reserved",
    name,
    labels: parseLabels(labels.map((label) => `reserved:${label}`)),
    local: false,
  };
}

export interface AddressInput {
  readonly name?: string;
  /** Undefined: some address outside, which no CIDR and no name matches. */
  readonly address?: string;
  /** Names that were seen to resolve to it. */
  readonly fqdns?: readonly string[];
  readonly apiServer?: boolean;
}

/** An address that no endpoint or node of the cluster owns. */
export function addressEndpoint({ name, address, fqdns, apiServer }: AddressInput): Endpoint {
  const cidr = address === undefined ? [] : [`cidr:${address}/${address.includes(":") ? 128 : 32}`];
  const server = apiServer === true ? ["reserved:kube-apiserver"] : [];
  return {
    ...none,
    kind: "address",
    name: name ?? address ?? "world",
    labels: parseLabels(["reserved:world", ...cidr, ...server]),
    addresses: address === undefined ? [] : [address],
    fqdns: (fqdns ?? []).map(normalizeName),
    local: false,
  };
}
