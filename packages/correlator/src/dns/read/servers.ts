import { type Endpoint, type Flow, type Peer, peerOf } from "@dropscope/model";

/** Something that answers DNS queries, as the destination of a flow (of a reply: its source). */
export interface DnsServer {
  readonly kind:
    /** kube-dns or CoreDNS, by labels or by its Service. */
    | "cluster"
    /** NodeLocal DNSCache, by its link-local address or its labels; or port 53 of a node. */
    | "node-local"
    /** OpenShift's DNS pods, which listen on 5353. */
    | "openshift"
    /** Anybody else on port 53: a resolver that the application was given by address. */
    | "other";
  readonly peer: Peer;
  readonly key: string;
}

/** Link-local addresses of NodeLocal DNSCache: its own default, and those of kubespray and GKE. */
export const NODE_LOCAL_ADDRESSES: readonly string[] = [
  "169.254.20.10",
  "169.254.25.10",
  "169.254.169.254",
];
const SERVICES = new Set(["kube-dns", "coredns", "dns-default", "kube-dns-upstream"]);
const CLUSTER_LABELS = [
  "k8s-app=kube-dns",
  "k8s-app=coredns",
  "app.kubernetes.io/name=coredns",
  "app.kubernetes.io/name=rke2-coredns",
  "eks.amazonaws.com/component=coredns",
];
const NODE_LOCAL_LABELS = ["k8s-app=node-local-dns", "k8s-app=nodelocaldns"];
const OPENSHIFT_LABEL = "dns.operator.openshift.io/daemonset-dns=default";
/** Identities of a node itself. */
const NODE_IDENTITIES: ReadonlySet<number> = new Set([1, 6]);

/**
 * Which DNS server one end of a flow is; undefined when it is none. `port` is that of the
 * server. Multicast DNS is none: it asks the neighbours, not a resolver.
 */
export function dnsServerOf(
  flow: Flow,
  end: "source" | "destination",
  port: number,
): DnsServer | undefined {
  const address = flow.IP?.[end] ?? "";
  if (isMulticast(address)) return undefined;
  const kind = kindOf(flow, end, port, address);
  if (kind === undefined) return undefined;
  const peer = peerOfServer(flow, end, kind, address);
  return { kind, peer, key: `${peer.kind}/${peer.namespace}/${peer.name}` };
}

/** Whether an end is one of the cluster's own resolvers, by what it is and whatever the port. */
export function isResolver(flow: Flow, end: "source" | "destination"): boolean {
  return kindByLabels(flow[end]) !== undefined;
}

function kindOf(
  flow: Flow,
  end: "source" | "destination",
  port: number,
  address: string,
): DnsServer["kind"] | undefined {
  const byLabels = kindByLabels(flow[end]);
  if (byLabels !== undefined) return byLabels;
  if (NODE_LOCAL_ADDRESSES.includes(address) && port === 53) return "node-local";
  const service = flow[`${end}_service`];
  if (port === 53 || port === 5353) {
    if (SERVICES.has(service?.name ?? ""))
      return service?.name === "dns-default" ? "openshift" : "cluster";
  }
  if (port !== 53) return undefined;
  return NODE_IDENTITIES.has(flow[end]?.identity ?? 0) ? "node-local" : "other";
}

function kindByLabels(endpoint: Endpoint | undefined): DnsServer["kind"] | undefined {
  const labels = endpoint?.labels;
  if (labels === undefined || labels.length === 0) return undefined;
  const own = new Set(labels.map((text) => text.replace(/^(k8s|any):/, "")));
  const namespace = endpoint?.namespace ?? namespaceIn(own);
  if (own.has(OPENSHIFT_LABEL) && namespace === "openshift-dns") return "openshift";
  // The labels alone are everybody's to take: only in kube-system do they mean the cluster's DNS.
  if (namespace !== "kube-system") return undefined;
  if (NODE_LOCAL_LABELS.some((label) => own.has(label))) return "node-local";
  return CLUSTER_LABELS.some((label) => own.has(label)) ? "cluster" : undefined;
}

function namespaceIn(labels: ReadonlySet<string>): string {
  for (const label of labels)
    if (label.startsWith("io.kubernetes.pod.namespace="))
      return label.slice(label.indexOf("=") + 1);
  return "";
}

function peerOfServer(
  flow: Flow,
  end: "source" | "destination",
  kind: DnsServer["kind"],
  address: string,
): Peer {
  const peer = peerOf(flow, end);
  if (peer.kind === "workload" || peer.kind === "pod") return peer;
  const service = flow[`${end}_service`];
  if (kind !== "other" && kind !== "node-local" && service?.name)
    return { kind: "name", namespace: service.namespace ?? "", name: service.name };
  return address === "" ? peer : { kind: "ip", namespace: "", name: address };
}

function isMulticast(address: string): boolean {
  return /^(22[4-9]|23\d)\./.test(address) || /^ff/i.test(address);
}
