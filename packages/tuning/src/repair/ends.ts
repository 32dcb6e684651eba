import type { Peer } from "@dropscope/model";
import { podOwner } from "@dropscope/model";
import {
  addressEndpoint,
  type CatalogObject,
  createWorld,
  type Endpoint,
  type Manifests,
  type Profile,
  type World,
} from "@dropscope/policy";

/** An end of the cluster that edits are counted for: replicas that no policy can tell apart are one. */
export interface CountedEnd {
  readonly endpoint: Endpoint;
  /** As answers name it. */
  readonly peer: Peer;
  /** How many there are of it. */
  readonly count: number;
}

/** What is no pod and may be let in by mistake all the same. */
const ENTITIES = ["host", "remote-node", "kube-apiserver", "ingress", "health", "world"];

/** The cluster of one moment as references like `payments/api` are looked up in it. */
export function worldOfObjects(objects: readonly CatalogObject[], profile: Profile): World {
  const of = <Kind extends CatalogObject["kind"]>(kind: Kind) =>
    objects.flatMap((object) => (object.kind === kind ? [object.value] : [])) as Extract<
      CatalogObject,
      { readonly kind: Kind }
    >["value"][];
  const manifests: Manifests = {
    policies: [],
    namespaces: of("Namespace"),
    workloads: of("Pod"),
    services: of("Service"),
    nodes: of("Node"),
    cidrGroups: of("CiliumCIDRGroup"),
    publications: [],
    problems: [],
    sources: [],
  };
  return createWorld(manifests, profile);
}

/**
 * Every pod of the cluster, and one end for each thing that is none. A workload's template stands for one
 * pod where its namespace has no pods: manifests of a repository have templates alone.
 */
export function countedEnds(world: World): CountedEnd[] {
  const { cidrMatchesPods } = world.profile;
  const withPods = new Set<string>();
  for (const { namespace, sources } of world.workloads)
    if (sources.some(({ kind }) => kind === "Pod")) withPods.add(namespace);
  const found = new Map<string, { endpoint: Endpoint; peer: Peer; count: number }>();
  for (const { namespace, pods, sources } of world.workloads)
    for (const [at, endpoint] of pods.entries()) {
      const { kind } = sources[at] ?? {};
      if (kind !== "Pod" && withPods.has(namespace)) continue;
      const peer = peerOfEnd(endpoint);
      const key = `${peer.namespace}/${peer.name} ${sortOf(endpoint, cidrMatchesPods)}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { endpoint, peer, count: 1 });
      else known.count += 1;
    }
  const entities = ENTITIES.flatMap((name) => world.endpoint(name) ?? []);
  return [
    ...found.values(),
    ...[...entities, ...world.nodes].map((endpoint) => ({
      endpoint,
      peer: peerOfEnd(endpoint),
      count: 1,
    })),
  ];
}

/** Ends that nothing tells apart but their name; of equal text. */
export function sortOf(endpoint: Endpoint, byAddress: boolean): string {
  const { kind, namespace, labels, ports, hostNetwork, local, addresses, fqdns } = endpoint;
  const own = kind === "pod" && !byAddress ? [] : [addresses, fqdns];
  return JSON.stringify([kind, namespace, labels.texts.toSorted(), ports, hostNetwork, local, own]);
}

/** An end as a row names it: the workload of a pod, the entity, the name or the address. */
export function peerOfEnd({ kind, namespace, name, fqdns, addresses }: Endpoint): Peer {
  const own = name.slice(name.indexOf("/") + 1);
  if (kind === "pod") {
    const workload = podOwner(own);
    return workload === ""
      ? { kind: "pod", namespace, name: own }
      : { kind: "workload", namespace, name: workload };
  }
  const [dns] = fqdns;
  if (dns !== undefined) return { kind: "name", namespace: "", name: dns };
  if (kind === "address" && addresses[0] !== undefined)
    return { kind: "ip", namespace: "", name: name === "" ? addresses[0] : name };
  return { kind: "entity", namespace: "", name };
}

/** One address stands for a range that a rule names, one name for a pattern. */
export function outsideEnds(ranges: readonly string[], names: readonly string[]): CountedEnd[] {
  const ofRange = ranges.flatMap((cidr): CountedEnd[] => {
    const address = cidr.split("/")[0] ?? "";
    if (address === "") return [];
    const endpoint = addressEndpoint({ address, name: cidr });
    return [{ endpoint, peer: { kind: "ip", namespace: "", name: cidr }, count: 1 }];
  });
  const ofName = names.map((name): CountedEnd => {
    const endpoint = addressEndpoint({ name, fqdns: [name] });
    return { endpoint, peer: { kind: "name", namespace: "", name }, count: 1 };
  });
  return [...ofRange, ...ofName];
}
