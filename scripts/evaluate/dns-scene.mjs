// Lookups of a workload at random, in a cluster whose policies each scene writes.
import { createCluster, createWorkload, nodeEnd, podEnd } from "./cluster.mjs";
import { createRecorder } from "./flows.mjs";
import { ciliumPolicy, ciliumPort, DNS_PORTS, nameFor, networkPolicy } from "./policies.mjs";

export const NAMES = [
  "api.partner.example",
  "pay.bank.example",
  "mq.vendor.example",
  "cdn.assets.example",
];
const KUBE_SYSTEM = "kube-system";

export function createDnsScene(random) {
  const cluster = createCluster(random);
  const client = random.pick(cluster.workloads);
  const others = cluster.workloads.filter((one) => one !== client);
  const recorder = createRecorder(random);
  const pod = podEnd(cluster, client, random.pick(client.pods));
  const dns = podEnd(cluster, cluster.dns);
  const name = random.pick(NAMES);
  let socket = random.between(33_000, 50_000);

  const scene = {
    random,
    cluster,
    client,
    others,
    recorder,
    pod,
    dns,
    name,
    services: [],
    policies: [],
    peer: (workload) => podEnd(cluster, workload),
    socket: () => (socket += 1),
    /** A query's packet and its answer's, as trace events tell them; `answer` is its delay in seconds, null for none. */
    lookup({
      from = pod,
      to = dns,
      at,
      answer = 0.002,
      socket: own = scene.socket(),
      protocol = "UDP",
    }) {
      const there = { from, to, protocol, port: 53, socket: own };
      recorder.traced({ ...there, at });
      if (answer === null) return;
      recorder.traced({
        ...turned(there),
        at: at + answer,
        node: from.node,
        direction: "ingress",
        reply: true,
      });
    },
    /** What the DNS proxy logs of a query and of its answer. */
    proxied({
      from = pod,
      at,
      query,
      rcode = 0,
      ips = [],
      ttl = 30,
      refused = false,
      type = "A",
      answer = 0.003,
    }) {
      const there = { from, to: dns, protocol: "UDP", port: 53, socket: scene.socket() };
      const common = { query: `${query}.`, qtypes: [type], observation_source: "proxy" };
      recorder.logged({ ...there, at, refused, l7: { type: "REQUEST", dns: common } });
      const more = rcode === 0 ? { ttl, ips, rrtypes: ips.map(() => type) } : { rcode };
      recorder.logged({
        ...turned(there),
        at: at + answer,
        node: from.node,
        direction: "ingress",
        refused,
        l7: { type: "RESPONSE", latency_ns: String(answer * 1e9), dns: { ...common, ...more } },
      });
    },
    /** Every node goes on to report, so that what is missing by then is missing. */
    goesOn(at) {
      for (const node of ["node-a", "node-b", "node-c"]) {
        const to = { ...podEnd(cluster, others[0]), node };
        recorder.traced({
          from: nodeEnd("192.168.77.9", node, "host"),
          to,
          port: 8080,
          direction: "ingress",
          node,
          at,
        });
      }
    },
    truth: (...rules) => rules.map((rule) => `${rule} ${client.ns}/${client.app}`).sort(),
  };
  return scene;
}

const turned = ({ from, to, port, socket, ...rest }) => ({
  ...rest,
  from: to,
  to: from,
  port: socket,
  socket: port,
});

/** A retry after what a resolver waits: at once, then once or twice more. */
export const attempts = (random, start) => {
  const wait = random.pick([2.5, 5]);
  return Array.from({ length: random.between(2, 4) }, (_, i) => start + i * wait);
};

const toKubeDns = {
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": KUBE_SYSTEM } },
  podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
};

/** Egress of the client to `peers`, and to DNS on `ports`; nothing of DNS without them. */
export function egress({ random, client, others }, ports = [], to = [toKubeDns]) {
  const [other] = others;
  return networkPolicy(client.ns, nameFor(random, "egress"), {
    podSelector: random.chance(0.8) ? { matchLabels: { app: client.app } } : {},
    policyTypes: ["Egress"],
    egress: [
      { to: [{ podSelector: { matchLabels: { app: other.app } } }] },
      ...(ports.length === 0 ? [] : [{ to, ports }]),
    ],
  });
}

/** Cilium's egress rule for DNS; with names it goes through the proxy. */
export function dnsRule(names) {
  return {
    toEndpoints: [
      { matchLabels: { "k8s:io.kubernetes.pod.namespace": KUBE_SYSTEM, "k8s-app": "kube-dns" } },
    ],
    toPorts: [
      {
        ports: [{ port: "53", protocol: "ANY" }],
        ...(names === undefined
          ? {}
          : {
              rules: {
                dns: names.map((name) => ({
                  [name.includes("*") ? "matchPattern" : "matchName"]: name,
                })),
              },
            }),
      },
    ],
  };
}

export const byName = (name) => ({
  toFQDNs: [{ matchName: name }],
  toPorts: [{ ports: [ciliumPort({ port: 443, protocol: "TCP" })] }],
});

export const ciliumEgress = ({ client, random }, ...rules) =>
  ciliumPolicy(client.ns, nameFor(random, "names"), {
    endpointSelector: { matchLabels: { app: client.app } },
    egress: rules,
  });

export { createWorkload, DNS_PORTS };
