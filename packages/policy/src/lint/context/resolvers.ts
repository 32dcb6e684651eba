import type { Endpoint } from "../../endpoint.js";
import { parseAddress } from "../../match/cidr.js";
import type { Policy, Rule } from "../../policy.js";
import type { Resolver } from "../options.js";
import { PRIVATE_RANGES, cidrsOverlap } from "../compare/cidrs.js";
import type { LintContext } from "./context.js";
import { podEnd, reservedEnd } from "./ends.js";
import { isolated, passes } from "./reach.js";

/** Something that may answer a pod's DNS queries. */
export interface DnsServer {
  readonly resolver: Resolver;
  readonly endpoint: Endpoint;
  readonly port: number;
}

/** Link-local addresses of NodeLocal DNSCache: its own default, and those of kubespray and GKE. */
export const NODE_LOCAL_ADDRESSES = ["169.254.20.10", "169.254.25.10", "169.254.169.254"];

/** Labels that the DNS pods of the various distributions carry, where the input does not hold them. */
const KUBE_DNS_LABELS: readonly Readonly<Record<string, string>>[] = [
  { "k8s-app": "kube-dns" },
  { "k8s-app": "kube-dns", "app.kubernetes.io/name": "coredns" },
  { "k8s-app": "kube-dns", "eks.amazonaws.com/component": "coredns" },
  { "k8s-app": "coredns", "app.kubernetes.io/name": "rke2-coredns" },
];

export const OPENSHIFT_DNS_LABELS = { "dns.operator.openshift.io/daemonset-dns": "default" };

/** The servers that pods ask. Where the input does not say which there are, every kind there is. */
export function dnsServers(context: LintContext): readonly DnsServer[] {
  const { resolver } = context.settings;
  switch (resolver) {
    case "kube-dns":
      return kubeDns(context);
    case "openshift":
      return openshiftDns(context);
    case "node-local":
      return nodeLocal();
    default:
      // That the node's address passes for one of the world is older Cilium's alone; it would let every block do.
      return [
        ...kubeDns(context),
        ...openshiftDns(context),
        ...nodeLocal().filter(({ endpoint }) => endpoint.kind === "host"),
      ];
  }
}

export function kubeDns(context: LintContext): readonly DnsServer[] {
  const pods = context.pods
    .in("kube-system")
    .filter(
      ({ workload: { labels, hostNetwork } }) => labels["k8s-app"] === "kube-dns" && !hostNetwork,
    );
  const server = (endpoint: Endpoint): DnsServer => ({ resolver: "kube-dns", endpoint, port: 53 });
  if (pods.length > 0) return pods.map(({ endpoint }) => server(endpoint));
  return KUBE_DNS_LABELS.map((labels) => server(stranger(context, "kube-system", labels)));
}

function openshiftDns(context: LintContext): readonly DnsServer[] {
  const pods = context.pods.in("openshift-dns").filter(({ workload }) => !workload.hostNetwork);
  const server = (endpoint: Endpoint): DnsServer => ({
    resolver: "openshift",
    endpoint,
    port: 5353,
  });
  return pods.length > 0
    ? pods.map(({ endpoint }) => server(endpoint))
    : [server(stranger(context, "openshift-dns", OPENSHIFT_DNS_LABELS))];
}

/** Host-network pods behind an address of the node: the node itself; a world address to older Cilium. */
export function nodeLocal(): readonly DnsServer[] {
  const host = { ...reservedEnd("host", "host"), addresses: NODE_LOCAL_ADDRESSES };
  const world = { ...reservedEnd("address", "world"), addresses: NODE_LOCAL_ADDRESSES };
  return [host, world].map((endpoint) => ({ resolver: "node-local", endpoint, port: 53 }));
}

/** A pod that the input does not hold. Its address is one that only blocks for pods or for everything hold. */
function stranger(
  { namespaces, profile }: LintContext,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Endpoint {
  const addresses = ["10.244.255.254"];
  return { ...podEnd(namespace, labels, profile.cluster, namespaces.labels(namespace)), addresses };
}

/** Whether pods with these policies can ask any of the servers. */
export function canAsk(
  context: LintContext,
  policies: readonly Policy[],
  servers: readonly DnsServer[],
  protocol: "UDP" | "TCP",
): boolean {
  return (
    !isolated(policies, "egress") ||
    servers.some(({ endpoint, port }) =>
      passes(
        policies,
        { direction: "egress", remote: endpoint, destination: endpoint, protocol, port },
        context.match,
      ),
    )
  );
}

/** Whether the rule is one for DNS: it names port 53 (or OpenShift's 5353) by UDP, not just a range around it. */
export function isDnsRule(rule: Rule): boolean {
  return (
    rule.direction === "egress" &&
    rule.action === "allow" &&
    rule.ports !== "any" &&
    rule.ports.some(
      (port) =>
        port.of === "number" &&
        port.first === port.last &&
        (port.first === 53 || port.first === 5353) &&
        port.protocols.includes("UDP"),
    )
  );
}

/** Whether the policies send DNS to addresses that are most likely a resolver of their own choice. */
export function asksAddresses(context: LintContext, policies: readonly Policy[]): boolean {
  return policies.some(({ rules }) =>
    rules.some(
      (rule) =>
        isDnsRule(rule) &&
        rule.peers !== "any" &&
        rule.peers.some(
          (peer) =>
            // A private address is the cluster's own DNS, which Cilium never matches by CIDR.
            (peer.of === "cidr" && (context.profile.cidrMatchesPods || isPublic(peer.cidr))) ||
            (peer.of === "service" && !("selector" in peer.service)),
        ),
    ),
  );
}

function isPublic(cidr: string): boolean {
  const [address = "", bits = ""] = cidr.split("/");
  return (
    parseAddress(address) !== undefined &&
    Number(bits) >= 8 &&
    !PRIVATE_RANGES.some((range) => cidrsOverlap(range, cidr))
  );
}
