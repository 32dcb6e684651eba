// A cluster as large as the figures are about, the same on every run: manifests of policies, and pods.
import { parseLabels } from "@dropscope/policy";
import { stringify } from "yaml";

const NAMESPACE = "io.kubernetes.pod.namespace";
const NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels.";
const PORTS = [80, 443, 5432, 6379, 8080, 9090];

/**
 * `pods` pods in `namespaces` namespaces, ten of one workload each, every pod with
 * a revision hash and an index that no policy looks at; `policies` policies, one
 * file for each namespace: nine of ten NetworkPolicies, the others Cilium's, of
 * which one in twenty is clusterwide.
 */
export function bigCluster({ policies, pods, namespaces }) {
  const random = randomFrom(20_261_122);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const names = Array.from({ length: namespaces }, (_, i) => `team-${i}`);
  const workloadsPer = Math.max(1, Math.ceil(pods / 10 / namespaces));
  const app = () => ({ matchLabels: { app: `app-${Math.floor(random() * workloadsPer)}` } });
  const fewOf = (most, make) => Array.from({ length: 1 + Math.floor(random() * most) }, make);
  const frontOrBack = {
    matchExpressions: [{ key: "tier", operator: "In", values: ["front", "back"] }],
  };

  /** Whom a rule is about: own pods, pods of another namespace, of a team's namespaces, by expression. */
  const podPeer = () => {
    const dice = random();
    if (dice < 0.5) return { podSelector: app() };
    if (dice < 0.7)
      return {
        podSelector: app(),
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": pick(names) } },
      };
    return dice < 0.85
      ? { namespaceSelector: { matchLabels: { team: `t${Math.floor(random() * 20)}` } } }
      : { podSelector: frontOrBack };
  };
  const block = () => {
    const net = `${pick([10, 172, 192])}.${Math.floor(random() * 250)}.${Math.floor(random() * 250)}`;
    return {
      cidr: `${net}.0/24`,
      ...(random() < 0.2 ? { except: [`${net}.128/25`] } : {}),
    };
  };
  const peer = () => (random() < 0.85 ? podPeer() : { ipBlock: block() });
  const port = () => {
    const first = pick(PORTS);
    return {
      protocol: random() < 0.9 ? "TCP" : "UDP",
      port: first,
      ...(random() < 0.1 ? { endPort: first + 100 } : {}),
    };
  };
  const rule = (direction) => ({
    ...(random() < 0.3 ? {} : { [direction === "ingress" ? "from" : "to"]: fewOf(3, peer) }),
    ...(random() < 0.2 ? {} : { ports: fewOf(2, port) }),
  });
  const ciliumRule = (direction, clusterwide) => {
    const dice = random();
    const from = direction === "ingress" ? "from" : "to";
    const peers =
      dice < 0.6
        ? { [`${from}Endpoints`]: [clusterwide ? frontOrBack : app()] }
        : dice < 0.8
          ? { [`${from}Entities`]: [pick(["world", "cluster", "kube-apiserver"])] }
          : { [`${from}CIDRSet`]: [block()] };
    const ports = fewOf(2, () => ({ port: String(pick(PORTS)), protocol: "TCP" }));
    return { ...peers, ...(random() < 0.2 ? {} : { toPorts: [{ ports }] }) };
  };
  const directions = () =>
    random() < 0.4 ? ["ingress", "egress"] : [random() < 0.7 ? "ingress" : "egress"];

  const networkPolicy = (metadata) => {
    const used = directions();
    return {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata,
      spec: {
        podSelector: random() < 0.05 ? {} : app(),
        policyTypes: used.map((direction) => (direction === "ingress" ? "Ingress" : "Egress")),
        ...Object.fromEntries(
          used.map((direction) => [direction, fewOf(3, () => rule(direction))]),
        ),
      },
    };
  };
  const ciliumPolicy = (metadata, clusterwide) => ({
    apiVersion: "cilium.io/v2",
    kind: clusterwide ? "CiliumClusterwideNetworkPolicy" : "CiliumNetworkPolicy",
    metadata,
    spec: {
      endpointSelector: clusterwide ? { matchLabels: { tier: pick(["front", "back"]) } } : app(),
      ...Object.fromEntries(
        directions().map((direction) => [
          random() < 0.15 ? `${direction}Deny` : direction,
          fewOf(2, () => ciliumRule(direction, clusterwide)).map(({ toPorts, ...peers }) =>
            Object.assign(peers, toPorts && { toPorts }),
          ),
        ]),
      ),
    },
  });
  const manifest = (i) => {
    const name = `policy-${i}`;
    const metadata = { name, namespace: names[i % namespaces] };
    if (i % 10 !== 9) return networkPolicy(metadata);
    return i % 200 === 199 ? ciliumPolicy({ name }, true) : ciliumPolicy(metadata, false);
  };
  const pod = (i) => {
    const workload = Math.floor(i / 10);
    const namespace = workload % namespaces;
    const name = `app-${Math.floor(workload / namespaces)}`;
    return {
      kind: "pod",
      name: `${names[namespace]}/${name}-${i}`,
      namespace: names[namespace],
      labels: parseLabels([
        `k8s:app=${name}`,
        `k8s:app.kubernetes.io/instance=${name}`,
        `k8s:apps.kubernetes.io/pod-index=${i}`,
        `k8s:${NAMESPACE_LABELS}kubernetes.io/metadata.name=${names[namespace]}`,
        `k8s:${NAMESPACE_LABELS}team=t${namespace % 20}`,
        "k8s:io.cilium.k8s.policy.cluster=default",
        `k8s:io.cilium.k8s.policy.serviceaccount=${name}`,
        `k8s:${NAMESPACE}=${names[namespace]}`,
        `k8s:pod-template-hash=${(workload * 2_654_435_761) % 4_294_967_296}`,
        `k8s:tier=${["front", "middle", "back"][workload % 3]}`,
      ]),
      addresses: [`10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`],
      ports: [{ name: "http", protocol: "TCP", port: PORTS[workload % PORTS.length] }],
      fqdns: [],
      hostNetwork: false,
      local: true,
    };
  };
  const files = names.map(() => []);
  for (let i = 0; i < policies; i++) files[i % namespaces].push(stringify(manifest(i)));
  return {
    /** YAML, one text for each namespace. */
    files: files.map((documents) => documents.join("---\n")),
    pods: Array.from({ length: pods }, (_, i) => pod(i)),
    /** The policy with one rule more: one of the ports for everybody. */
    edit: (before) => {
      const { rules, place } = before;
      const port = pick(PORTS);
      const ports = [{ of: "number", protocols: ["TCP"], first: port, last: port, place }];
      return {
        ...before,
        rules: [...rules, { ...rules[0], index: rules.length, peers: "any", ports, place }],
      };
    },
    random,
  };
}

/** mulberry32 */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
