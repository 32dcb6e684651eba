import {
  NAMESPACE_LABEL_PREFIX,
  POD_NAMESPACE,
  POLICY_CLUSTER,
  type Requirement,
} from "../selector.js";
import type { Slot } from "../source/slot.js";
import { added, type KeyScope, readRequirements } from "./label-selector.js";
import type { Report } from "./report.js";

/**
 * Keys of Cilium's selectors: `k8s:app` looks in one source, `app` in all. The
 * engine checks the syntax of the whole, with a dot after the source.
 */
export const ciliumKey: KeyScope = {
  of(key) {
    const colon = key.indexOf(":");
    return colon < 0
      ? { source: "any", key }
      : { source: key.slice(0, colon) || "any", key: key.slice(colon + 1) };
  },
  checked(key) {
    const { source, key: bare } = ciliumKey.of(key);
    return `${source}.${bare}`;
  },
};

/** What the peers of a spec are limited to. */
export interface PeerScope {
  /** Empty for a clusterwide policy. */
  readonly namespace: string;
  readonly cluster: string;
  /** The spec selects initialising pods, which have no namespace yet. */
  readonly selectsInit: boolean;
}

/**
 * Requirements of a `fromEndpoints`/`toEndpoints` entry with what Cilium adds to
 * it (`getEndpointSelector`, pkg/k8s/apis/cilium.io/utils): the policy's own
 * namespace unless the selector speaks of namespaces, any namespace in a
 * clusterwide policy, and the own cluster unless it speaks of clusters. Nothing
 * is added to selectors of `reserved:` labels.
 */
export function peerRequirements(report: Report, slot: Slot, scope: PeerScope): Requirement[] {
  const written = readRequirements(report, slot, ciliumKey);
  if (written.some(({ source }) => source === "reserved")) return written;
  const requirements = [...written];
  if (!speaksOf(written, (key) => key === POD_NAMESPACE)) {
    if (scope.namespace === "") {
      if (!scope.selectsInit) requirements.push(added(POD_NAMESPACE, "Exists"));
    } else if (!speaksOf(written, (key) => key.startsWith(NAMESPACE_LABEL_PREFIX)))
      requirements.push(added(POD_NAMESPACE, "In", scope.namespace));
  }
  return inCluster(requirements, scope.cluster);
}

/** `fromNodes`/`toNodes`: other nodes, by their labels; the own node is never among them. */
export function nodeRequirements(report: Report, slot: Slot, scope: PeerScope): Requirement[] {
  const remote: Requirement = {
    source: "reserved",
    key: "remote-node",
    operator: "Exists",
    values: [],
  };
  return inCluster([...readRequirements(report, slot, ciliumKey), remote], scope.cluster);
}

/** The subject of a namespaced policy is in its namespace, whatever the selector says of it. */
export function subjectRequirements(
  report: Report,
  slot: Slot,
  namespace: string,
): readonly Requirement[] {
  const written = readRequirements(report, slot, ciliumKey);
  if (namespace === "") return written;
  const kept = written.filter((one) => {
    const overridden = isNamespaceLabel(one);
    if (overridden && one.values[0] !== namespace)
      report.warn(
        "BAD_SUBJECT",
        one.place!,
        `a CiliumNetworkPolicy selects in its own namespace ${namespace} only; this label has no effect`,
        "Put the policy into that namespace, or use a CiliumClusterwideNetworkPolicy.",
      );
    return !overridden;
  });
  return [...kept, added(POD_NAMESPACE, "In", namespace)];
}

/** `k8s:io.kubernetes.pod.namespace` among matchLabels, which Cilium overwrites; as an expression it stays. */
function isNamespaceLabel({ source, key, place }: Requirement): boolean {
  return source === "k8s" && key === POD_NAMESPACE && place!.path.includes(".matchLabels[");
}

function inCluster(requirements: Requirement[], cluster: string): Requirement[] {
  return speaksOf(requirements, (key) => key === POLICY_CLUSTER)
    ? requirements
    : [...requirements, added(POLICY_CLUSTER, "In", cluster)];
}

function speaksOf(requirements: readonly Requirement[], about: (key: string) => boolean): boolean {
  return requirements.some(
    ({ source, key }) => (source === "k8s" || source === "any") && about(key),
  );
}
