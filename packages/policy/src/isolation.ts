import type { EndpointLabels } from "./labels.js";
import { matchesSelector } from "./match/selector.js";
import type { Direction, Policy } from "./policy.js";

/** An endpoint that policies may select: a pod in its namespace. */
export interface PolicySubject {
  readonly namespace: string;
  readonly labels: EndpointLabels;
}

/**
 * The policies that make deny the default for the endpoint in one direction.
 * None: the endpoint is open in that direction. Direction matters: isolation is
 * per direction and independent.
 */
export function isolating(
  policies: readonly Policy[],
  endpoint: PolicySubject,
  direction: Direction,
): Policy[] {
  return policies.filter((policy) => policy.isolates[direction] && applies(policy, endpoint));
}

/** Whether a policy's subject is this pod. Node policies never select pods. */
export function applies(policy: Policy, endpoint: PolicySubject): boolean {
  if (policy.subject.of !== "pods" || endpoint.namespace === "") return false;
  if (policy.namespace !== "" && policy.namespace !== endpoint.namespace) return false;
  return matchesSelector(policy.subject.selector, endpoint.labels);
}
