import type { Peer } from "../cluster/types.js";
import type {
  CiliumEgress,
  CiliumIngress,
  CiliumPorts,
  NetworkPeer,
  NetworkPort,
  Selector,
  ShopPolicy,
} from "./types.js";

export type Direction = "ingress" | "egress";

/** One rule of one policy, with what it says turned into tests. */
export interface Rule {
  effect: "allow" | "deny";
  matches(peer: Peer, namespaceLabels: (name: string) => Record<string, string>): boolean;
  /** Empty: all ports. */
  ports: { port: number; protocol: "TCP" | "UDP" }[];
  /** The rule sends what it allows through the proxy. */
  layer7: boolean;
  /** The rule names peers (else any peer). */
  namesPeers: boolean;
}

/** Does the policy put the pods it selects into default deny in this direction? */
export function isolates(policy: ShopPolicy, direction: Direction): boolean {
  if (policy.kind === "NetworkPolicy") {
    return policy.spec.policyTypes.includes(direction === "ingress" ? "Ingress" : "Egress");
  }
  const spec = policy.spec;
  const has = applies(policy, direction);
  // Since Cilium 1.16 the default can be switched off; a deny rule alone also isolates.
  return spec.enableDefaultDeny?.[direction] ?? has;
}

/** Does the policy say anything about this direction? */
export function applies(policy: ShopPolicy, direction: Direction): boolean {
  if (policy.kind === "NetworkPolicy") return isolates(policy, direction);
  const { ingress, ingressDeny, egress, egressDeny } = policy.spec;
  return direction === "ingress"
    ? ingress !== undefined || ingressDeny !== undefined
    : egress !== undefined || egressDeny !== undefined;
}

export function rulesOf(policy: ShopPolicy, direction: Direction): Rule[] {
  const namespace = policy.metadata.namespace;
  if (policy.kind === "NetworkPolicy") {
    if (!isolates(policy, direction)) return [];
    const rules = direction === "ingress" ? policy.spec.ingress : policy.spec.egress;
    return (rules ?? []).map((rule) =>
      networkRule(
        namespace,
        "from" in rule ? rule.from : "to" in rule ? rule.to : undefined,
        rule.ports,
      ),
    );
  }
  const { ingress, ingressDeny, egress, egressDeny } = policy.spec;
  const allow = direction === "ingress" ? ingress : egress;
  const deny = direction === "ingress" ? ingressDeny : egressDeny;
  return [
    ...(deny ?? []).flatMap((rule) => ciliumRules(namespace, rule, "deny")),
    ...(allow ?? []).flatMap((rule) => ciliumRules(namespace, rule, "allow")),
  ];
}

export function selects(
  policy: ShopPolicy,
  pod: { namespace: string; labels: Record<string, string> },
) {
  if (policy.metadata.namespace !== pod.namespace) return false;
  const selector =
    policy.kind === "NetworkPolicy" ? policy.spec.podSelector : policy.spec.endpointSelector;
  return matchesLabels(selector, pod.labels);
}

function networkRule(
  namespace: string,
  peers: NetworkPeer[] | undefined,
  ports: NetworkPort[] | undefined,
): Rule {
  return {
    effect: "allow",
    layer7: false,
    ports: ports ?? [],
    namesPeers: peers !== undefined && peers.length > 0,
    matches: (peer, namespaceLabels) =>
      peers === undefined ||
      peers.length === 0 ||
      peers.some((entry) => matchesNetworkPeer(entry, namespace, peer, namespaceLabels)),
  };
}

/** Both selectors in one list item mean AND; a pod selector alone means the policy's own namespace. */
function matchesNetworkPeer(
  entry: NetworkPeer,
  namespace: string,
  peer: Peer,
  namespaceLabels: (name: string) => Record<string, string>,
): boolean {
  if (peer.kind !== "pod") return false;
  const inNamespace =
    entry.namespaceSelector === undefined
      ? peer.namespace === namespace
      : matchesLabels(entry.namespaceSelector, namespaceLabels(peer.namespace));
  return (
    inNamespace &&
    (entry.podSelector === undefined || matchesLabels(entry.podSelector, peer.workload.labels))
  );
}

function ciliumRules(
  namespace: string,
  rule: CiliumIngress & CiliumEgress,
  effect: Rule["effect"],
): Rule[] {
  const matches = ciliumPeers(namespace, rule);
  const base = { effect, matches, namesPeers: true };
  if (rule.toPorts === undefined) return [{ ...base, ports: [], layer7: false }];
  return rule.toPorts.map((entry: CiliumPorts) => ({
    ...base,
    ports: entry.ports.map(({ port, protocol }) => ({ port: Number(port), protocol })),
    layer7: entry.rules !== undefined,
  }));
}

function ciliumPeers(
  namespace: string,
  rule: CiliumIngress & CiliumEgress,
): (peer: Peer) => boolean {
  const selectors = rule.fromEndpoints ?? rule.toEndpoints;
  if (selectors !== undefined) {
    return (peer) => selectors.some((selector) => matchesEndpoint(selector, namespace, peer));
  }
  const names = rule.toFQDNs;
  if (names !== undefined) {
    return (peer) => peer.kind === "outside" && names.some((name) => name.matchName === peer.name);
  }
  const cidrs = rule.toCIDR;
  if (cidrs !== undefined) {
    // The shop only names single addresses.
    return (peer) => peer.kind === "outside" && cidrs.includes(`${peer.ip}/32`);
  }
  throw new TypeError("a rule of the shop's policies must name its peers");
}

const NAMESPACE_LABEL = "k8s:io.kubernetes.pod.namespace";

/** Without a namespace label a Cilium selector means the policy's own namespace. */
function matchesEndpoint(selector: Selector, namespace: string, peer: Peer): boolean {
  if (peer.kind !== "pod") return false;
  const { [NAMESPACE_LABEL]: wanted = namespace, ...labels } = selector.matchLabels ?? {};
  return peer.namespace === wanted && matchesLabels({ matchLabels: labels }, peer.workload.labels);
}

function matchesLabels(selector: Selector, labels: Record<string, string>): boolean {
  return Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
}
