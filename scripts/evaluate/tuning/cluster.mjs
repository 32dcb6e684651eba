// A cluster with hidden intents: who is meant to reach whom, on what, and how often.
import { createWorkload, NODES, nodeEnd, outside, podEnd } from "../cluster.mjs";

const SPACES = ["shop", "billing", "search", "media", "mail", "maps"];
const PARTS = ["web", "api", "worker", "cache", "db", "queue", "auth", "cron", "admin", "index"];
const PORTS = [80, 3000, 5432, 6379, 8080, 8443, 9000, 9042];

/** How a team labels: by one label, by the recommended ones, or by what they share with others. */
const LABELLINGS = [
  (ns, app) => ({ app }),
  (ns, app) => ({ "app.kubernetes.io/name": app, "app.kubernetes.io/instance": `${ns}-1` }),
  (ns, app) => ({ "app.kubernetes.io/name": ns, "app.kubernetes.io/component": app }),
  (ns, app) => ({ app, tier: "backend", team: ns }),
];

export function createTuningCluster(random) {
  const spaces = random.shuffle(SPACES).slice(0, random.between(2, 3));
  const namespaces = new Map(
    [...spaces, "kube-system", "monitoring", "ingress", "tools"].map((name) => [
      name,
      { "kubernetes.io/metadata.name": name },
    ]),
  );
  let index = 1;
  const make = (ns, app, labels) => {
    const workload = createWorkload(random, { ns, app, index: index++, labels });
    workload.labels = {
      ...labels,
      ...(random.chance(0.3) ? { version: `v${random.between(1, 9)}` } : {}),
    };
    return workload;
  };
  const workloads = spaces.flatMap((ns) => {
    const labelsOf = random.pick(LABELLINGS);
    return random
      .shuffle(PARTS)
      .slice(0, random.between(4, 8))
      .map((app) => make(ns, app, labelsOf(ns, app)));
  });
  const dns = make("kube-system", "coredns", { "k8s-app": "kube-dns" });
  const prometheus = make("monitoring", "prometheus", { "app.kubernetes.io/name": "prometheus" });
  const gateway = make("ingress", "gateway", { app: "gateway" });
  const scanner = make("tools", "inventory", { app: "inventory" });
  const others = [dns, prometheus, gateway, scanner];
  for (const [at, workload] of [...workloads, ...others].entries())
    workload.ports = [
      { name: "main", port: workload === dns ? 53 : PORTS[at % PORTS.length], protocol: "TCP" },
    ];
  return {
    spaces,
    namespaces,
    workloads,
    dns,
    prometheus,
    gateway,
    scanner,
    all: () => [...workloads, ...others],
  };
}

/** An end of an intent: `pods()` are what it may be, each as an end of a flow. */
const ofPods = (cluster, workload) => ({
  workload,
  ends: workload.pods.map((pod) => onceMade(podEnd(cluster, workload, pod))),
});
/** Thousands of flows share their ends. */
const onceMade = (end) => {
  const made = [end.endpoint(false), end.endpoint(true)];
  return Object.assign({}, end, { endpoint: (local) => made[local ? 1 : 0] });
};
const ofAddress = (ip, names = []) => ({ ends: [outside(ip, { names })] });

/** `{from, to, protocol, port, pattern}`; `dns` for lookups. The truth: nobody tells it to the product. */
export function createIntents(random, cluster) {
  const { workloads, dns, prometheus, gateway } = cluster;
  const pods = new Map(cluster.all().map((one) => [one, ofPods(cluster, one)]));
  const silent = new Set(random.some(workloads, 0.1));
  const active = workloads.filter((one) => !silent.has(one));
  const intents = [];
  const add = (from, to, port, more = {}) =>
    intents.push({ from, to, protocol: "TCP", port, pattern: "regular", ...more });
  for (const one of active) {
    const same = active.filter((other) => other !== one && other.ns === one.ns);
    const foreign = active.filter((other) => other.ns !== one.ns);
    for (const server of random.some(same, 0.4)) {
      add(pods.get(one), pods.get(server), server.ports[0].port, {
        pattern: random.chance(0.2) ? "cron" : "regular",
      });
      if (random.chance(0.15)) add(pods.get(one), pods.get(server), server.ports[0].port + 1);
    }
    for (const server of random.some(foreign, 0.06))
      add(pods.get(one), pods.get(server), server.ports[0].port);
    if (random.chance(0.15))
      add(pods.get(one), ofAddress("203.0.113.77", ["api.example.com"]), 443);
    if (random.chance(0.1))
      add(pods.get(one), ofAddress(`198.51.100.${random.between(1, 250)}`), 5671);
    if (random.chance(0.1)) add(pods.get(one), apiServer(), 6443);
    if (random.chance(0.5)) add(pods.get(prometheus), pods.get(one), 9102);
    if (random.chance(0.2)) add(pods.get(gateway), pods.get(one), one.ports[0].port);
    if (random.chance(0.1))
      for (const host of [10, 20, 30]) add(ofAddress(`192.0.2.${host}`), pods.get(one), 8443);
  }
  const asking = new Set(
    intents
      .map(({ from }) => from)
      .filter(({ workload }) => workload && workloads.includes(workload)),
  );
  for (const from of asking) {
    add(from, pods.get(dns), 53, { protocol: "UDP", dns: true });
    // What is too long for UDP; mostly nobody sees it.
    add(from, pods.get(dns), 53, { pattern: "never", dns: true });
  }
  return { intents, pods, silent };
}

function apiServer() {
  const end = nodeEnd("172.18.0.2", NODES[0], "remote-node");
  const labels = ["reserved:kube-apiserver", "reserved:remote-node"];
  return { ends: [{ ...end, endpoint: () => ({ identity: 7, labels }) }] };
}
