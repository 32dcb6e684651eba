import type { Endpoint } from "../endpoint.js";
import { parseAddress } from "../match/cidr.js";
import type { Manifests, Namespace, Node, Workload } from "../objects.js";
import type { Profile } from "../profile.js";
import { addressEndpoint, podEndpoint } from "../world/ends.js";
import { createWorld, nodeOf } from "../world/world.js";
import { createApiServers } from "./api-servers.js";
import type { DnsNames } from "./dns-names.js";
import type { VersionStore } from "./store.js";

/** Addresses that are remembered as ends; bounded because flows name any number of them. */
const MAX_REMEMBERED = 65_536;

/** Ends as they were at a moment. Equal ends are mostly one object, so that the engine knows them again. */
export interface EndsOverTime {
  /** `ns/name` of a pod, name of a node or entity, or an address. */
  endpoint(ref: string, time: number): Endpoint | undefined;
  namespaceLabels(name: string, time: number): Readonly<Record<string, string>>;
}

const NO_MANIFESTS: Manifests = {
  policies: [],
  namespaces: [],
  workloads: [],
  services: [],
  nodes: [],
  cidrGroups: [],
  publications: [],
  problems: [],
  sources: [],
};

export function createEndsOverTime(
  store: VersionStore,
  names: DnsNames,
  profile: Profile,
  apiServers: readonly string[],
): EndsOverTime {
  const entities = createWorld(NO_MANIFESTS, profile);
  const servers = createApiServers(store, apiServers);
  const made = new WeakMap<Workload, { around: readonly unknown[]; endpoint: Endpoint }>();
  const nodes = new WeakMap<Node, { isServer: boolean; endpoint: Endpoint }>();
  const declared = new WeakMap<Namespace, Readonly<Record<string, string>>>();
  const undeclared = new Map<string, Readonly<Record<string, string>>>();
  const remembered = new Map<string, Endpoint>();

  const nodeAt = (name: string | undefined, time: number): Node | undefined => {
    if (name === undefined) return undefined;
    const found = store.at({ kind: "Node", namespace: "", name }, time)?.object;
    return found?.kind === "Node" ? found.value : undefined;
  };

  const namespaceLabels = (name: string, time: number): Readonly<Record<string, string>> => {
    const found = store.at({ kind: "Namespace", namespace: "", name }, time)?.object;
    const known = found?.kind === "Namespace" ? declared.get(found.value) : undeclared.get(name);
    if (known !== undefined) return known;
    const own = found?.kind === "Namespace" ? found.value.labels : {};
    // The control plane sets this label on every namespace.
    const labels = { ...own, "kubernetes.io/metadata.name": name };
    if (found?.kind === "Namespace") declared.set(found.value, labels);
    else undeclared.set(name, labels);
    return labels;
  };

  const podEnd = (pod: Workload, time: number): Endpoint => {
    const labels = namespaceLabels(pod.namespace, time);
    const node = pod.hostNetwork ? nodeAt(pod.nodeName, time) : undefined;
    const before = made.get(pod);
    if (before?.around[0] === labels && before.around[1] === node) return before.endpoint;
    const endpoint = pod.hostNetwork
      ? hostNetworkEnd(pod, node, profile)
      : podEndpoint({ ...pod, name: `${pod.namespace}/${pod.name}` }, labels, profile.cluster);
    made.set(pod, { around: [labels, node], endpoint });
    return endpoint;
  };

  const nodeEnd = (node: Node, time: number): Endpoint => {
    const isServer = node.addresses.some((address) => servers.isAt(address, time));
    const known = nodes.get(node);
    if (known?.isServer === isServer) return known.endpoint;
    const endpoint = nodeOf(node, profile, isServer);
    nodes.set(node, { isServer, endpoint });
    return endpoint;
  };

  const ownedEnd = (address: string, time: number): Endpoint | undefined => {
    const owner = store.ownerAt(address, time);
    const object = owner === undefined ? undefined : store.get(owner, time)?.object;
    if (object?.kind === "Pod") return podEnd(object.value, time);
    return object?.kind === "Node" ? nodeEnd(object.value, time) : undefined;
  };

  const outsideEnd = (address: string, time: number): Endpoint => {
    const fqdns = names.at(address, time);
    const apiServer = servers.isAt(address, time);
    const name = JSON.stringify([address, fqdns, apiServer]);
    let endpoint = remembered.get(name);
    if (endpoint === undefined) {
      endpoint = addressEndpoint({ address, fqdns, apiServer });
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(name, endpoint);
    }
    return endpoint;
  };

  return {
    namespaceLabels,
    endpoint: (ref, time) => {
      if (parseAddress(ref) !== undefined) return ownedEnd(ref, time) ?? outsideEnd(ref, time);
      const slash = ref.indexOf("/");
      if (slash < 0) {
        const node = nodeAt(ref, time);
        return entities.endpoint(ref) ?? (node === undefined ? undefined : nodeEnd(node, time));
      }
      const [namespace, name] = [ref.slice(0, slash), ref.slice(slash + 1)];
      const pod = store.at({ kind: "Pod", namespace, name }, time)?.object;
      return pod?.kind === "Pod" ? podEnd(pod.value, time) : undefined;
    },
  };
}

/** A pod of the host network is its node's traffic, wherever that is decided. */
function hostNetworkEnd(pod: Workload, node: Node | undefined, profile: Profile): Endpoint {
  const { owner: _, ...alone } = pod;
  const manifests = {
    ...NO_MANIFESTS,
    workloads: [alone],
    nodes: node === undefined ? [] : [node],
  };
  return createWorld(manifests, profile).endpoints[0] as Endpoint;
}
