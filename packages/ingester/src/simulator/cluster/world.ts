import type { Endpoint } from "@dropscope/model";
import { HEX, NAME_ALPHABET, type Random } from "../random.js";
import { mac } from "./mac.js";
import { createNodes } from "./nodes.js";
import { createOutside, type Outside } from "./outside.js";
import { SHOP_NAMESPACES, SHOP_WORKLOADS, type WorkloadPlan } from "./shop.js";
import type { Namespace, Node, Peer, Pod, Service, Workload } from "./types.js";

/** Everything that exists in the simulated cluster, and who sees whom how. */
export interface World {
  cluster: string;
  nodes: Node[];
  namespaces: Map<string, Namespace>;
  workloads: Map<string, Workload>;
  services: Map<string, Service>;
  outside: Outside;
}

/** @param cluster Cluster name; "default" makes Hubble print bare node names. */
export function createWorld(cluster: string, nodeCount: number, random: Random): World {
  const nodes = createNodes(cluster, nodeCount, random);
  const namespaces = new Map<string, Namespace>();
  for (const [name, labels] of Object.entries(SHOP_NAMESPACES)) {
    namespaces.set(name, { name, labels: { "kubernetes.io/metadata.name": name, ...labels } });
  }
  const world: World = {
    cluster,
    nodes,
    namespaces,
    workloads: new Map(),
    services: new Map(),
    outside: createOutside(nodes, random),
  };
  const place = createPlacement(world, random);
  for (const plan of SHOP_WORKLOADS) {
    const workload: Workload = { ...plan, pods: [], running: plan.idle !== true };
    if (nodes.length > 0) {
      for (let i = 0; i < plan.replicas; i++) workload.pods.push(place(plan, workload, i));
    }
    world.workloads.set(`${plan.namespace}/${plan.name}`, workload);
    addService(world, plan, workload);
  }
  return world;
}

export function workloadOf(world: World, path: string): Workload {
  const workload = world.workloads.get(path);
  if (workload === undefined) throw new RangeError(`no workload ${path} in the shop`);
  return workload;
}

/** How the agent of `node` names `peer`. */
export function seenFrom(peer: Peer, node: Node): Endpoint {
  switch (peer.kind) {
    case "pod":
      return peer.node === node ? peer.local : peer.remote;
    case "health":
      return peer.node === node
        ? { ID: peer.endpointId, identity: 4, labels: ["reserved:health"] }
        : { identity: 4, labels: ["reserved:health"] };
    case "host":
      if (peer.node === node) {
        const labels = peer.apiServer
          ? ["reserved:host", "reserved:kube-apiserver"]
          : ["reserved:host"];
        return { identity: 1, labels };
      }
      return peer.apiServer
        ? { identity: 7, labels: ["reserved:kube-apiserver", "reserved:remote-node"] }
        : { identity: 6, labels: ["reserved:remote-node"] };
    case "outside":
      return { identity: peer.identities[node.index] ?? 2, labels: peer.labels };
  }
}

/** Gives each pod a node, an address from the node's pod CIDR, an endpoint id and an identity. */
function createPlacement(world: World, random: Random) {
  const identities = new Map<string, number>();
  const taken = new Set<number>();
  const nextHost = world.nodes.map(() => 20);
  const hashes = new Map<WorkloadPlan, string>();
  let turn = 0;

  const identityOf = (labels: string[]): number => {
    const key = labels.join(",");
    const known = identities.get(key);
    if (known !== undefined) return known;
    let identity = 0;
    do identity = 1024 + random.below(60_000);
    while (taken.has(identity));
    taken.add(identity);
    identities.set(key, identity);
    return identity;
  };

  return (plan: WorkloadPlan, workload: Workload, ordinal: number): Pod => {
    const node = world.nodes[turn++ % world.nodes.length] as Node;
    const suffix = random.text(5, NAME_ALPHABET);
    const hash = hashes.get(plan) ?? random.text(10, NAME_ALPHABET);
    hashes.set(plan, hash);
    const name =
      plan.kind === "StatefulSet"
        ? `${plan.name}-${ordinal}`
        : plan.kind === "DaemonSet"
          ? `${plan.name}-${suffix}`
          : `${plan.name}-${hash}-${suffix}`;
    const host = (nextHost[node.index] ?? 20) + 1 + random.below(6);
    nextHost[node.index] = host;
    const labels = securityLabels(world, plan);
    const identity = identityOf(labels);
    const remote: Endpoint = {
      identity,
      cluster_name: world.cluster,
      namespace: plan.namespace,
      labels,
      pod_name: name,
    };
    const endpointId = 1 + random.below(4094);
    return {
      kind: "pod",
      name,
      namespace: plan.namespace,
      workload,
      node,
      ip: `10.0.${node.index}.${host}`,
      mac: mac(random),
      lxc: { index: 10 + host, name: `lxc${random.text(12, HEX)}`, mac: mac(random) },
      identity,
      endpointId,
      remote,
      local: { ...remote, ID: endpointId, workloads: [{ name: plan.name, kind: plan.kind }] },
    };
  };
}

/** The labels that make up the identity, in Cilium's order and spelling. */
function securityLabels(world: World, plan: WorkloadPlan): string[] {
  const own = Object.entries(plan.labels).map(([key, value]) => `k8s:${key}=${value}`);
  const namespace = world.namespaces.get(plan.namespace)?.labels ?? {};
  const inherited = Object.entries(namespace).map(
    ([key, value]) => `k8s:io.cilium.k8s.namespace.labels.${key}=${value}`,
  );
  return [
    ...own,
    ...inherited,
    `k8s:io.cilium.k8s.policy.cluster=${world.cluster}`,
    `k8s:io.cilium.k8s.policy.serviceaccount=${plan.serviceAccount}`,
    `k8s:io.kubernetes.pod.namespace=${plan.namespace}`,
  ].sort();
}

function addService(world: World, plan: WorkloadPlan, workload: Workload): void {
  const first = plan.ports[0];
  if (first === undefined) return;
  const name = plan.service ?? plan.name;
  const key = `${plan.namespace}/${name}`;
  const known = world.services.get(key);
  if (known !== undefined) {
    known.workloads.push(workload);
    return;
  }
  const dns = name === "kube-dns";
  world.services.set(key, {
    name,
    namespace: plan.namespace,
    clusterIp: dns
      ? "10.96.0.10"
      : `10.96.${1 + (world.services.size >> 6)}.${20 + world.services.size}`,
    port: plan.servicePort ?? first.port,
    targetPort: first.port,
    workloads: [workload],
  });
}
