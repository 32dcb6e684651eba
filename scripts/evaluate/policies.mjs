// Policies that allow, or deny, by construction: every selector is made from the labels of the
// workload that it is to mean, and always holds its `app`, which no other workload has.

/** No two policies of a scene have one name. */
export const nameFor = (random, text) => `${text}-${random.hex(6)}`;

/** A style of writing: both kinds say the same here. */
export const STYLES = ["NetworkPolicy", "CiliumNetworkPolicy"];

function labelsFor(random, { labels, app }) {
  const key = labels["k8s-app"] === undefined ? "app" : "k8s-app";
  const { [key]: name, ...others } = labels;
  const more = Object.fromEntries(random.some(Object.entries(others), 0.3));
  if (random.chance(0.25))
    return {
      matchLabels: more,
      matchExpressions: [{ key, operator: "In", values: [`${app}-old`, name] }],
    };
  return { matchLabels: { [key]: name, ...more } };
}

/** The workload as a peer of a policy in the namespace `of`. */
export function peer(random, style, cluster, workload, of, { by } = {}) {
  const selector = labelsFor(random, workload);
  const space = cluster.namespaces.get(workload.ns);
  const key =
    by ?? (space.team !== undefined && random.chance(0.4) ? "team" : "kubernetes.io/metadata.name");
  if (style === "NetworkPolicy") {
    if (workload.ns === of && by === undefined && random.chance(0.6))
      return { podSelector: selector };
    return { namespaceSelector: { matchLabels: { [key]: space[key] } }, podSelector: selector };
  }
  if (workload.ns === of && by === undefined && random.chance(0.6)) return selector;
  const namespaceKey =
    key === "team" ? "k8s:io.cilium.k8s.namespace.labels.team" : "k8s:io.kubernetes.pod.namespace";
  return { ...selector, matchLabels: { ...selector.matchLabels, [namespaceKey]: space[key] } };
}

export const port = (number, protocol = "TCP") => ({ port: number, protocol });

function rule(style, direction, peers, ports) {
  if (style === "NetworkPolicy")
    return {
      [direction === "ingress" ? "from" : "to"]: peers,
      ...(ports === undefined ? {} : { ports }),
    };
  return {
    [direction === "ingress" ? "fromEndpoints" : "toEndpoints"]: peers,
    ...(ports === undefined ? {} : { toPorts: [{ ports: ports.map(ciliumPort) }] }),
  };
}

export const ciliumPort = ({ port: number, protocol }) => ({ port: String(number), protocol });

/**
 * Allows nothing but its rules: `{ peers, ports }` each, of which several are OR.
 * @param selects the workload that it is about, or undefined for every pod of the namespace
 */
export function allow(random, { style, ns, selects, direction, rules }) {
  const made = rules.map(({ peers, ports }) => rule(style, direction, peers, ports));
  const name = nameFor(random, `${direction}-${selects?.app ?? "all"}`);
  const subject = selects === undefined ? {} : labelsFor(random, selects);
  return style === "NetworkPolicy"
    ? networkPolicy(ns, name, {
        podSelector: subject,
        policyTypes: [direction === "ingress" ? "Ingress" : "Egress"],
        ...(made.length === 0 ? {} : { [direction]: made }),
      })
    : ciliumPolicy(ns, name, {
        endpointSelector: subject,
        // A rule that selects nobody: so Cilium denies by default.
        [direction]: made.length === 0 ? [{}] : made,
      });
}

export function networkPolicy(namespace, name, spec) {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace },
    spec,
  };
}

export function ciliumPolicy(namespace, name, spec) {
  return {
    apiVersion: "cilium.io/v2",
    kind: "CiliumNetworkPolicy",
    metadata: { name, namespace },
    spec,
  };
}

export function clusterwidePolicy(name, spec) {
  return {
    apiVersion: "cilium.io/v2",
    kind: "CiliumClusterwideNetworkPolicy",
    metadata: { name },
    spec,
  };
}

export function adminPolicy(name, spec) {
  return {
    apiVersion: "policy.networking.k8s.io/v1alpha2",
    kind: "ClusterNetworkPolicy",
    metadata: { name },
    spec,
  };
}

/** A deny rule of Cilium, in a policy of its own. */
export function deny(random, { cluster, selects, direction, from, clusterwide }) {
  const name = nameFor(random, `no-${from.app}`);
  const entry = {
    [direction === "ingress" ? "fromEndpoints" : "toEndpoints"]: [
      { matchLabels: { ...from.labels, "k8s:io.kubernetes.pod.namespace": from.ns } },
    ],
  };
  const spec = {
    enableDefaultDeny: { [direction]: false },
    [`${direction}Deny`]: [entry],
  };
  if (!clusterwide)
    return ciliumPolicy(selects.ns, name, {
      endpointSelector: labelsFor(random, selects),
      ...spec,
    });
  const space = cluster.namespaces.get(selects.ns)["kubernetes.io/metadata.name"];
  const own = { ...selects.labels, "k8s:io.kubernetes.pod.namespace": space };
  return clusterwidePolicy(name, { endpointSelector: { matchLabels: own }, ...spec });
}

export const DNS_PORTS = [port(53, "UDP"), port(53, "TCP")];
