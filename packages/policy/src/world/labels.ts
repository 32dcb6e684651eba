import {
  NAMESPACE_LABEL_PREFIX,
  POD_NAMESPACE,
  POLICY_CLUSTER,
  SERVICE_ACCOUNT,
} from "../selector.js";

/** What the labels of a pod are made of. */
export interface PodIdentity {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Empty or absent: none is known. */
  readonly serviceAccount?: string;
}

/**
 * The flat label set under which Cilium knows a pod: its own labels, its namespace
 * and the labels of that, its cluster and its service account.
 */
export function podLabels(
  pod: PodIdentity,
  namespaceLabels: Readonly<Record<string, string>>,
  cluster: string,
): string[] {
  const account = pod.serviceAccount ?? "";
  return [
    ...Object.entries(pod.labels).map(([key, value]) => `k8s:${key}=${value}`),
    `k8s:${POD_NAMESPACE}=${pod.namespace}`,
    ...Object.entries(namespaceLabels).map(
      ([key, value]) => `k8s:${NAMESPACE_LABEL_PREFIX}${key}=${value}`,
    ),
    `k8s:${POLICY_CLUSTER}=${cluster}`,
    ...(account === "" ? [] : [`k8s:${SERVICE_ACCOUNT}=${account}`]),
  ];
}

/** A label set of the reserved kind, with the labels of a node where it is one. */
export function nodeLabels(
  reserved: readonly string[],
  labels: Readonly<Record<string, string>>,
  cluster: string,
): string[] {
  return [
    ...reserved.map((name) => `reserved:${name}`),
    ...Object.entries(labels).map(([key, value]) => `node:${key}=${value}`),
    `k8s:${POLICY_CLUSTER}=${cluster}`,
  ];
}
