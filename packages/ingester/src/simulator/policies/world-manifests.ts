import type { Pod, Service, Workload } from "../cluster/types.js";
import type { World } from "../cluster/world.js";

/** Namespaces, nodes, workloads, their running pods and services, as Kubernetes objects. */
export function worldManifests(world: World): object[] {
  const workloads = [...world.workloads.values()];
  return [
    ...[...world.namespaces.values()].map(({ name, labels }) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels },
    })),
    ...world.nodes.map((node) => ({
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name: node.name,
        labels: Object.fromEntries(node.labels.map((label) => label.split("=", 2))),
      },
      spec: { podCIDR: `10.0.${node.index}.0/24` },
      status: { addresses: [{ type: "InternalIP", address: node.ip }] },
    })),
    ...workloads.map(workloadManifest),
    ...[...world.services.values()].map(serviceManifest),
    ...workloads.filter(({ running }) => running).flatMap(({ pods }) => pods.map(podManifest)),
  ];
}

function workloadManifest(workload: Workload): object {
  const { name, namespace, kind, labels, pods, running } = workload;
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace },
    spec: {
      ...(kind === "DaemonSet" ? {} : { replicas: running ? pods.length : 0 }),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec(workload) },
    },
  };
}

function podManifest(pod: Pod): object {
  const { workload, name, namespace, node, ip } = pod;
  const owner =
    workload.kind === "Deployment"
      ? { kind: "ReplicaSet", name: name.slice(0, name.lastIndexOf("-")) }
      : { kind: workload.kind, name: workload.name };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      labels: workload.labels,
      ownerReferences: [{ apiVersion: "apps/v1", controller: true, ...owner }],
    },
    spec: { nodeName: node.name, ...podSpec(workload) },
    status: { phase: "Running", podIP: ip, podIPs: [{ ip }], hostIP: node.ip },
  };
}

function podSpec(workload: Workload): object {
  return {
    serviceAccountName: workload.serviceAccount,
    containers: [
      {
        name: workload.name,
        image: `registry.shop.example/${workload.name}:1.0`,
        ...(workload.ports.length === 0
          ? {}
          : {
              ports: workload.ports.map(({ name, port, protocol }) => ({
                name,
                containerPort: port,
                protocol,
              })),
            }),
      },
    ],
  };
}

function serviceManifest(service: Service): object {
  const { name, namespace, clusterIp, port, targetPort, workloads } = service;
  const dns = name === "kube-dns";
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: {
      clusterIP: clusterIp,
      // The workload that runs: a roll-out under another label takes the Service along.
      selector: (workloads.find(({ running }) => running) ?? workloads[0])?.labels ?? {},
      ports: (dns ? (["UDP", "TCP"] as const) : (["TCP"] as const)).map((protocol) => ({
        name: dns ? `dns-${protocol.toLowerCase()}` : "main",
        protocol,
        port,
        targetPort,
      })),
    },
  };
}
