import type { Endpoint } from "../endpoint.js";
import { parseAddress } from "../match/cidr.js";
import { isBackend } from "../match/service.js";
import type { Manifests, Service } from "../objects.js";
import type { Profile } from "../profile.js";
import { addressEndpoint, nodeEndpoint, reservedEndpoint } from "./ends.js";
import type { Observations } from "./world.js";
import type { WorldWorkload } from "./workloads.js";

/** The ends that a reference means; never empty. */
export interface Resolution {
  readonly endpoints: readonly Endpoint[];
  /** Why the ends are not literally what was asked for: a Service's backends, several pods of a name. */
  readonly note?: string;
}

interface Known {
  readonly workloads: readonly WorldWorkload[];
  readonly nodes: readonly Endpoint[];
  readonly manifests: Manifests;
  readonly observations: Observations;
  readonly profile: Profile;
}

export type Resolver = (ref: string, namespace?: string) => Resolution | undefined;

/** Looks ends up by name, address or entity. Names and addresses are indexed once. */
export function createResolver(known: Known): Resolver {
  const byName = endsByName(known.workloads);
  const byAddress = endsByAddress(known);
  const entities = entityEnds(known.profile);
  return (ref, namespace) => {
    const address = parseAddress(ref);
    if (address !== undefined) return byAddress(ref, address.join("."));
    if (ref.includes("/")) return byName.get(ref) ?? ownNode(ref, known);
    const entity = entities.get(ref);
    const inNamespace = byName.get(`${namespace ?? "default"}/${ref}`);
    if (entity !== undefined) return { endpoints: [entity] };
    const node = known.nodes.find(({ name }) => name === ref);
    return inNamespace ?? (node === undefined ? undefined : { endpoints: [node] });
  };
}

/** `host/NAME`: the node as the one that is judged, with its labels, rather than as another's peer. */
function ownNode(ref: string, { manifests, profile }: Known): Resolution | undefined {
  if (!ref.startsWith("host/")) return undefined;
  const node = manifests.nodes.find(({ name }) => name === ref.slice("host/".length));
  if (node === undefined) return undefined;
  const { labels, addresses } = node;
  return {
    endpoints: [nodeEndpoint({ name: ref, kind: "host", labels, addresses }, profile.cluster)],
  };
}

/** Workloads and every pod of them; a pod's own name comes before an equal one of a workload. */
function endsByName(workloads: readonly WorldWorkload[]): Map<string, Resolution> {
  const found = new Map<string, Endpoint[]>();
  const add = (name: string, endpoint: Endpoint): unknown => {
    const ends = found.get(name);
    return ends === undefined ? found.set(name, [endpoint]) : ends.push(endpoint);
  };
  for (const { pods } of workloads) for (const pod of pods) add(pod.name, pod);
  for (const { namespace, name, endpoint, pods } of workloads) {
    const full = `${namespace}/${name}`;
    if (!pods.some((pod) => pod.name === full)) add(full, endpoint);
  }
  return new Map(
    [...found].map(([name, endpoints]) => [
      name,
      endpoints.length === 1
        ? { endpoints }
        : { endpoints, note: `${endpoints.length} workloads are called ${name}` },
    ]),
  );
}

/** A pod, a node, a Service's backends, else an address outside. */
function endsByAddress(known: Known): (text: string, key: string) => Resolution {
  const owners = new Map<string, Endpoint>();
  // Pods of the host network have their node's address, which is the node's.
  for (const endpoint of [...known.nodes, ...known.workloads.flatMap(({ pods }) => pods)])
    for (const address of endpoint.addresses) {
      const key = parseAddress(address)?.join(".");
      if (key !== undefined && !owners.has(key)) owners.set(key, endpoint);
    }
  const services = new Map<string, Service>();
  for (const service of known.manifests.services)
    for (const address of service.clusterAddresses) {
      const key = parseAddress(address)?.join(".");
      if (key !== undefined) services.set(key, service);
    }
  const servers = new Set(
    (known.observations.apiServers ?? []).map((address) => parseAddress(address)?.join(".")),
  );
  const fqdns = new Map<string, readonly string[]>();
  for (const [address, names] of known.observations.fqdns ?? []) {
    const key = parseAddress(address)?.join(".");
    if (key !== undefined) fqdns.set(key, [...(fqdns.get(key) ?? []), ...names]);
  }
  return (text, key) => {
    const owner = owners.get(key);
    if (owner !== undefined) return { endpoints: [owner] };
    const service = services.get(key);
    if (service !== undefined) return backendsOf(service, text, known);
    const outside = { address: text, fqdns: fqdns.get(key) ?? [], apiServer: servers.has(key) };
    return { endpoints: [addressEndpoint(outside)] };
  };
}

function backendsOf(service: Service, address: string, known: Known): Resolution {
  const name = `${service.namespace}/${service.name}`;
  const pods = known.workloads.flatMap((workload) => workload.pods);
  const endpoints = [
    ...pods.filter((pod) => isBackend(service, pod)),
    ...service.backendAddresses.map((backend) => addressEndpoint({ address: backend })),
  ];
  if (endpoints.length > 0)
    return {
      endpoints,
      note: `${address} is Service ${name}: policies see its backends and their own ports`,
    };
  return {
    endpoints: [addressEndpoint({ address })],
    note: `${address} is Service ${name}, which has no backend here`,
  };
}

/** Entities that an end can be asked for by name. */
function entityEnds(profile: Profile): ReadonlyMap<string, Endpoint> {
  const { cluster } = profile;
  const reserved = ["ingress", "health", "init", "unmanaged"].map((name): [string, Endpoint] => [
    name,
    reservedEndpoint(name),
  ]);
  return new Map<string, Endpoint>([
    ["host", nodeEndpoint({ name: "host", kind: "host" }, cluster)],
    ["remote-node", nodeEndpoint({ name: "remote-node", kind: "remote-node" }, cluster)],
    [
      "kube-apiserver",
      nodeEndpoint({ name: "kube-apiserver", kind: "remote-node", apiServer: true }, cluster),
    ],
    ["world", addressEndpoint({ name: "world" })],
    ...reserved,
  ]);
}
