// A cluster as large as the figures are about: deterministic, in normal form.
import { parseLabels } from "@dropscope/policy";

const PLACE = { file: "cluster.yaml", line: 1, column: 1, path: "" };
const NAMESPACE = "io.kubernetes.pod.namespace";
const NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels.";
const PORTS = [80, 443, 5432, 6379, 8080, 9090];

/**
 * `pods` pods in `namespaces` namespaces, ten of one workload each, every pod with
 * a revision hash and an index that no policy looks at; `policies` policies: nine
 * of ten NetworkPolicies, the others Cilium's, of which one in twenty is clusterwide.
 */
export function bigCluster({ policies, pods, namespaces }) {
  const random = randomFrom(20_261_122);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const names = Array.from({ length: namespaces }, (_, i) => `team-${i}`);
  const workloadsPer = Math.max(1, Math.ceil(pods / 10 / namespaces));
  const app = () => `app-${Math.floor(random() * workloadsPer)}`;

  const requirement = (source, key, ...values) => ({
    source,
    key,
    operator: "In",
    values: values.toSorted((a, b) => (a < b ? -1 : 1)),
    place: PLACE,
  });
  const podsOf = (namespace, ...more) => ({
    requirements: [...more, requirement("k8s", NAMESPACE, namespace)],
  });
  const podPeer = (namespace) => {
    const dice = random();
    const own = podsOf(namespace, requirement("k8s", "app", app()));
    const selector =
      dice < 0.5
        ? own
        : dice < 0.7
          ? podsOf(pick(names), requirement("k8s", "app", app()))
          : dice < 0.85
            ? {
                requirements: [
                  requirement("k8s", `${NAMESPACE_LABELS}team`, `t${Math.floor(random() * 20)}`),
                ],
              }
            : podsOf(namespace, requirement("k8s", "tier", "front", "back"));
    return { of: "endpoints", selector, place: PLACE };
  };
  const peer = (namespace, cilium) => {
    const dice = random();
    if (dice < 0.8) return podPeer(namespace);
    if (cilium && dice < 0.9)
      return { of: "entity", entity: pick(["world", "cluster", "kube-apiserver"]), place: PLACE };
    const third = Math.floor(random() * 250);
    return {
      of: "cidr",
      cidr: `${pick([10, 172, 192])}.${Math.floor(random() * 250)}.${third}.0/24`,
      except: random() < 0.2 ? [`10.0.${third}.128/25`] : [],
      place: PLACE,
    };
  };
  const port = () => {
    const first = pick(PORTS);
    return {
      of: "number",
      protocols: random() < 0.1 ? ["TCP", "UDP", "SCTP"] : ["TCP"],
      first,
      last: random() < 0.1 ? first + 100 : first,
      place: PLACE,
    };
  };
  const rule = (namespace, cilium, direction, index) => {
    const denies = cilium && random() < 0.15;
    return {
      direction,
      section: denies ? `${direction}Deny` : direction,
      index,
      action: denies ? "deny" : "allow",
      peers: Array.from({ length: 1 + Math.floor(random() * 3) }, () => peer(namespace, cilium)),
      ports: random() < 0.2 ? "any" : Array.from({ length: 1 + Math.floor(random() * 2) }, port),
      place: PLACE,
    };
  };
  const policy = (i) => {
    const cilium = i % 10 === 9;
    const clusterwide = i % 200 === 199;
    const namespace = names[i % namespaces];
    const both = random() < 0.4;
    const directions = both ? ["ingress", "egress"] : [random() < 0.7 ? "ingress" : "egress"];
    const wide = random() < 0.05;
    return {
      kind: clusterwide
        ? "CiliumClusterwideNetworkPolicy"
        : cilium
          ? "CiliumNetworkPolicy"
          : "NetworkPolicy",
      name: `policy-${i}`,
      namespace: clusterwide ? "" : namespace,
      specIndex: 0,
      tier: "normal",
      priority: 0,
      subject: {
        of: "pods",
        selector: clusterwide
          ? { requirements: [requirement("any", "tier", pick(["front", "back"]))] }
          : wide
            ? podsOf(namespace)
            : podsOf(namespace, requirement("k8s", "app", app())),
        place: PLACE,
      },
      isolates: {
        ingress: directions.includes("ingress"),
        egress: directions.includes("egress"),
      },
      rules: directions.flatMap((direction) =>
        Array.from({ length: 1 + Math.floor(random() * 3) }, (_, index) =>
          rule(namespace, cilium, direction, index),
        ),
      ),
      place: PLACE,
    };
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
  return {
    policies: Array.from({ length: policies }, (_, i) => policy(i)),
    pods: Array.from({ length: pods }, (_, i) => pod(i)),
    /** The policy with one rule more. */
    edit: (before, i) => ({
      ...before,
      rules: [
        ...before.rules,
        rule(before.namespace || names[0], false, before.rules[0].direction, 100 + i),
      ],
    }),
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
