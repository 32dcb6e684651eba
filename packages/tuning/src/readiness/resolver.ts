import { type Connection, type Endpoint, podEndpoint } from "@dropscope/policy";
import type { TuningCluster } from "../cluster/index.js";
import type { DefaultDeny } from "./sides.js";

/** Where a namespace's pods ask for names. */
export interface Resolver {
  readonly endpoint: Endpoint;
  readonly port: number;
  /** Whether lookups to it were seen; else it is what clusters mostly have. */
  readonly observed: boolean;
}

/**
 * The resolver that most lookups of the namespace went to, else most of the cluster; where no lookup
 * was seen the cluster's pods with `k8s-app=kube-dns`, and at last such a pod as every distribution has.
 */
export function resolverOf(
  namespace: string,
  { lookups }: Pick<DefaultDeny, "lookups">,
  cluster: TuningCluster,
): Resolver {
  const own = lookups.filter(({ connection }) => connection.from.namespace === namespace);
  // Resolvers ask others in turn.
  const all = lookups.filter(
    ({ connection: { from, to } }) => from.kind === "pod" && from.namespace !== to.namespace,
  );
  const seen = mostAsked(own) ?? mostAsked(all);
  if (seen !== undefined) return { endpoint: seen.to, port: seen.port, observed: true };
  for (const [where, label, port] of KNOWN)
    for (const object of cluster.objects) {
      if (object.kind !== "Pod" || object.namespace !== where || object.value.hostNetwork) continue;
      const value = object.value.labels[label];
      if (value === undefined || (label === "k8s-app" && value !== "kube-dns")) continue;
      const endpoint = cluster.view.endpoint(`${where}/${object.name}`);
      if (endpoint !== undefined) return { endpoint, port, observed: false };
    }
  const labels = { "k8s-app": "kube-dns" };
  const pod = { namespace: "kube-system", name: "kube-system/kube-dns", labels };
  const { view, profile } = cluster;
  const endpoint = podEndpoint(pod, view.namespaceLabels("kube-system"), profile.cluster);
  return { endpoint, port: 53, observed: false };
}

/** Namespace, a label that its DNS pods have, and the port that they listen at. */
const KNOWN = [
  ["openshift-dns", "dns.operator.openshift.io/daemonset-dns", 5353],
  ["kube-system", "k8s-app", 53],
] as const;

function mostAsked(lookups: DefaultDeny["lookups"]): Connection | undefined {
  const counts = new Map<string, { flows: number; connection: Connection }>();
  for (const { edge, connection } of lookups) {
    const { to, port } = connection;
    const key = JSON.stringify([to.kind === "address" ? to.addresses : to.labels.texts, port]);
    const known = counts.get(key);
    counts.set(key, { flows: (known?.flows ?? 0) + edge.flows, connection });
  }
  return [...counts.values()].sort((a, b) => b.flows - a.flows)[0]?.connection;
}
