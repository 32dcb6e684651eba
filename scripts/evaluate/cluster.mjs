// A cluster at random: namespaces, workloads with a pod or two each, and how Hubble shows them.

const NAMES = [
  "ant",
  "bee",
  "cod",
  "doe",
  "eel",
  "fox",
  "gnu",
  "hen",
  "ibis",
  "jay",
  "koi",
  "lynx",
];
const TEAMS = ["red", "green", "blue", "amber"];
const TIERS = ["front", "middle", "back"];
const PORTS = [80, 443, 3000, 5432, 6379, 8080, 8443, 9090];
export const NODES = ["node-a", "node-b", "node-c"];

/** @returns namespaces by name, workloads, and the cluster's DNS servers */
export function createCluster(random) {
  const spaces = random.shuffle(NAMES).slice(0, random.between(2, 4));
  const namespaces = new Map(
    spaces.map((name, i) => [
      name,
      {
        "kubernetes.io/metadata.name": name,
        team: TEAMS[i],
        ...(random.chance(0.5) ? { env: "prod" } : {}),
      },
    ]),
  );
  namespaces.set("kube-system", { "kubernetes.io/metadata.name": "kube-system" });
  const apps = random.shuffle(
    NAMES.map((name) => `${name}-${random.pick(["api", "web", "job", "db"])}`),
  );
  const workloads = apps
    .slice(0, random.between(5, 8))
    .map((app, i) => createWorkload(random, { ns: spaces[i % spaces.length], app, index: i + 1 }));
  const dns = createWorkload(random, {
    ns: "kube-system",
    app: "coredns",
    index: 50,
    labels: { "k8s-app": "kube-dns" },
  });
  dns.ports = [
    { name: "dns", port: 53, protocol: "UDP" },
    { name: "dns-tcp", port: 53, protocol: "TCP" },
  ];
  return { namespaces, workloads, dns, all: () => [...workloads, dns] };
}

export function createWorkload(random, { ns, app, index, labels, node }) {
  const port = random.pick(PORTS);
  const workload = {
    ns,
    app,
    index,
    labels: labels ?? {
      app,
      tier: random.pick(TIERS),
      ...(random.chance(0.4) ? { version: `v${random.between(1, 4)}` } : {}),
    },
    ports: [{ name: "main", port, protocol: "TCP" }],
  };
  workload.pods = Array.from({ length: random.between(1, 2) }, (_, i) => ({
    name: `${app}-${random.hex(9)}-${"bcdfg"[i]}${random.hex(4)}`,
    ip: `10.9.${index}.${10 + i}`,
    node: node ?? random.pick(NODES),
    id: index * 10 + i + 1,
  }));
  return workload;
}

/** A pod as one end of a flow. `local`: the node that reports runs it. */
export function podEnd(cluster, workload, pod = workload.pods[0], more = {}) {
  const labels = [
    ...Object.entries(workload.labels).map(([key, value]) => `k8s:${key}=${value}`),
    ...Object.entries(cluster.namespaces.get(workload.ns)).map(
      ([key, value]) => `k8s:io.cilium.k8s.namespace.labels.${key}=${value}`,
    ),
    "k8s:io.cilium.k8s.policy.cluster=default",
    `k8s:io.cilium.k8s.policy.serviceaccount=${workload.app}`,
    `k8s:io.kubernetes.pod.namespace=${workload.ns}`,
  ].sort();
  return {
    ip: pod.ip,
    node: pod.node,
    endpoint: (local) => ({
      ...(local ? { ID: pod.id } : {}),
      identity: 1000 + workload.index,
      namespace: workload.ns,
      pod_name: pod.name,
      labels,
      workloads: [{ name: workload.app, kind: "Deployment" }],
    }),
    ...more,
  };
}

/** An address outside the cluster, with the names that the agent knows for it. */
export function outside(ip, { labels = ["reserved:world"], identity = 2, names = [] } = {}) {
  return { ip, node: "", names, endpoint: () => ({ identity, labels }) };
}

export function nodeEnd(ip, name, reserved) {
  const identity = reserved === "host" ? 1 : 6;
  return { ip, node: name, endpoint: () => ({ identity, labels: [`reserved:${reserved}`] }) };
}

/** Namespaces, pods and services as manifests; JSON is YAML. */
export function clusterManifests({ namespaces, all, services = [] }) {
  return [
    ...[...namespaces].map(([name, labels]) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels },
    })),
    ...all().flatMap(({ ns, app, labels, ports, pods }) =>
      pods.map(({ name, ip, node }) => ({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: ns, labels },
        spec: {
          nodeName: node,
          containers: [
            {
              name: app,
              image: app,
              ports: ports.map(({ name, port, protocol }) => ({
                name,
                containerPort: port,
                protocol,
              })),
            },
          ],
        },
        status: { podIP: ip, podIPs: [{ ip }] },
      })),
    ),
    ...services,
  ];
}
