import type { Endpoint } from "../../endpoint.js";
import { parseLabels } from "../../labels.js";
import {
  NAMESPACE_LABEL_PREFIX,
  POD_NAMESPACE,
  POLICY_CLUSTER,
  SERVICE_ACCOUNT,
} from "../../selector.js";

/** Ends that every cluster has, for lints that ask what policies mean for them. */

/** A node or another part of Cilium, by its reserved labels. */
export function reservedEnd(kind: Endpoint["kind"], ...names: string[]): Endpoint {
  return {
    kind,
    name: names[0] ?? kind,
    namespace: "",
    labels: parseLabels(names.map((name) => `reserved:${name}`)),
    addresses: [],
    ports: [],
    fqdns: [],
    hostNetwork: false,
    local: kind !== "remote-node",
  };
}

/** A pod of this cluster as its API server would hold it. */
export function podEnd(
  namespace: string,
  labels: Readonly<Record<string, string>>,
  cluster: string,
  namespaceLabels: Readonly<Record<string, string>> = { "kubernetes.io/metadata.name": namespace },
): Endpoint {
  return {
    kind: "pod",
    name: `${namespace}/*`,
    namespace,
    labels: parseLabels([
      ...Object.entries(labels).map(([key, value]) => `k8s:${key}=${value}`),
      `k8s:${POD_NAMESPACE}=${namespace}`,
      ...Object.entries(namespaceLabels).map(
        ([key, value]) => `k8s:${NAMESPACE_LABEL_PREFIX}${key}=${value}`,
      ),
      `k8s:${POLICY_CLUSTER}=${cluster}`,
      `k8s:${SERVICE_ACCOUNT}=default`,
    ]),
    addresses: [],
    ports: [],
    fqdns: [],
    hostNetwork: false,
    local: true,
  };
}
