import { type Connection, type Endpoint } from "@dropscope/policy";
import type { Directory, PodClass } from "./directory.js";
import { ownLabels, type Labels } from "./labels.js";
import type { Seen } from "./traffic.js";

/** Where pods of this cluster ask for names. */
export interface Resolver {
  /** As the flows show it, or made up by how DNS is mostly deployed. */
  readonly end: Endpoint | undefined;
  readonly pods: PodClass | undefined;
  readonly port: number;
  /** Nobody was seen asking: it is what clusters mostly have. */
  readonly assumed: boolean;
}

/** Link-local addresses of NodeLocal DNSCache: its own default, and those of kubespray and GKE. */
const NODE_LOCAL = new Set(["169.254.20.10", "169.254.25.10", "169.254.169.254"]);
const OPENSHIFT = "dns.operator.openshift.io/daemonset-dns";

/** Whether the connection is one to the cluster's own DNS; a resolver outside is an address like any other. */
export function isLookup({ to, protocol, port }: Connection): boolean {
  if (protocol !== "UDP" && protocol !== "TCP") return false;
  if (to.kind === "pod") {
    const labels = ownLabels(to.labels);
    return (
      port === (isOpenShift(to.namespace, labels) ? 5353 : 53) && isServer(to.namespace, labels)
    );
  }
  if (port !== 53) return false;
  return to.kind !== "address" || to.addresses.some((one) => NODE_LOCAL.has(one));
}

const isOpenShift = (namespace: string, labels: Labels): boolean =>
  namespace === "openshift-dns" || Object.hasOwn(labels, OPENSHIFT);

function isServer(namespace: string, labels: Labels): boolean {
  return (
    isOpenShift(namespace, labels) ||
    /^(kube-dns|coredns|node-local-dns|nodelocaldns)/.test(labels["k8s-app"] ?? "") ||
    /coredns|kube-dns/.test(labels["app.kubernetes.io/name"] ?? "") ||
    labels["eks.amazonaws.com/component"] === "coredns"
  );
}

/** What pods ask, most of all; where nobody was seen asking, the DNS pods of the cluster. */
export function resolverOf(all: readonly Seen[], directory: Directory): Resolver {
  const flows = new Map<string, { seen: Seen; flows: number }>();
  for (const seen of all) {
    const { from, to, port } = seen.connection;
    if (from.kind !== "pod" || !isLookup(seen.connection)) continue;
    const key = `${to.kind} ${seen.server.namespace}/${seen.server.name} ${port}`;
    flows.set(key, { seen, flows: (flows.get(key)?.flows ?? 0) + seen.edge.flows });
  }
  const [most] = [...flows.entries()].toSorted(
    ([a, x], [b, y]) => y.flows - x.flows || (a < b ? -1 : 1),
  );
  if (most !== undefined) {
    const { connection, serverWorkload } = most[1].seen;
    const pods = directory.classOf(connection.to, serverWorkload);
    return { end: connection.to, pods, port: connection.port, assumed: false };
  }
  for (const namespace of ["kube-system", "openshift-dns"]) {
    const pods = directory
      .classes(namespace)
      .find(({ selector }) => isServer(namespace, selector.labels));
    const port = namespace === "openshift-dns" ? 5353 : 53;
    if (pods !== undefined) return { end: undefined, pods, port, assumed: true };
  }
  return { end: undefined, pods: KUBE_DNS, port: 53, assumed: true };
}

/** kube-dns and CoreDNS keep this label, whoever deploys them. */
const KUBE_DNS: PodClass = {
  namespace: "kube-system",
  cluster: "",
  names: ["kube-dns"],
  selector: { labels: { "k8s-app": "kube-dns" }, absent: [] },
  exact: true,
  ports: new Set(["UDP/53", "TCP/53"]),
  pods: 1,
};
