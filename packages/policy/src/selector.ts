import type { Place } from "./place.js";

/**
 * A label selector in normal form: all requirements must hold on the flat,
 * sourced label set of an endpoint. Namespace and cluster conditions are
 * requirements like any other (`io.kubernetes.pod.namespace`,
 * `io.cilium.k8s.namespace.labels.*`, `io.cilium.k8s.policy.cluster`), which is
 * how Cilium itself compiles every kind of policy. No requirement: every endpoint.
 */
export interface Selector {
  readonly requirements: readonly Requirement[];
}

export interface Requirement {
  /** Label source to look in; `any` is every source. Kubernetes kinds look in `k8s` only. */
  readonly source: string;
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  /** Sorted, without repeats. Empty for Exists and DoesNotExist. */
  readonly values: readonly string[];
  /**
   * Where it is written; undefined for a requirement that nobody wrote and that
   * scoping added (own namespace, local cluster).
   */
  readonly place?: Place;
}

/** Label keys under which an endpoint's surroundings stand in its label set. */
export const POD_NAMESPACE = "io.kubernetes.pod.namespace";
export const NAMESPACE_LABEL_PREFIX = "io.cilium.k8s.namespace.labels.";
export const POLICY_CLUSTER = "io.cilium.k8s.policy.cluster";
export const SERVICE_ACCOUNT = "io.cilium.k8s.policy.serviceaccount";
