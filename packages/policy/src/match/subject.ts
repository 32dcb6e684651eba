import type { Endpoint } from "../endpoint.js";
import type { Policy } from "../policy.js";
import type { MatchContext } from "./context.js";
import { matchesSelector } from "./selector.js";

/** Whether policies are judged at this end at all: a pod of this cluster, or the node itself with a host firewall. */
export function isLocalEndpoint(endpoint: Endpoint, context: MatchContext): boolean {
  if (!endpoint.local) return false;
  if (endpoint.kind === "pod") return !endpoint.hostNetwork;
  return endpoint.kind === "host" && context.profile.hostFirewall;
}

/** Whether the policy is about this end. */
export function selectsEndpoint(
  policy: Policy,
  endpoint: Endpoint,
  context: MatchContext,
): boolean {
  if (!isLocalEndpoint(endpoint, context)) return false;
  const { subject } = policy;
  if (subject.of === "nodes")
    return endpoint.kind === "host" && matchesSelector(subject.selector, endpoint.labels);
  return (
    endpoint.kind === "pod" &&
    (policy.namespace === "" || policy.namespace === endpoint.namespace) &&
    matchesSelector(subject.selector, endpoint.labels)
  );
}
