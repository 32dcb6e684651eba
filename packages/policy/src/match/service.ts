import type { Endpoint } from "../endpoint.js";
import type { Service } from "../objects.js";
import { parseLabels } from "../labels.js";
import type { ServiceRef } from "../policy.js";
import { POD_NAMESPACE } from "../selector.js";
import { cidrContains } from "./cidr.js";
import type { MatchContext } from "./context.js";
import { matchesSelector } from "./selector.js";

/** The services that a peer refers to. */
export function servicesOf(ref: ServiceRef, context: MatchContext): Service[] {
  return context.services.filter((service) => {
    // An empty namespace of a reference by selector is every namespace.
    if (ref.namespace !== "" && service.namespace !== ref.namespace) return false;
    if ("name" in ref) return service.name === ref.name;
    const labels = Object.entries(service.labels).map(([key, value]) => `k8s:${key}=${value}`);
    return matchesSelector(ref.selector, parseLabels(labels));
  });
}

/** Whether an end is one of the service's backends: a selected pod, or an address written by hand. */
export function isBackend(service: Service, endpoint: Endpoint): boolean {
  const { selector } = service;
  if (selector === undefined)
    return (
      endpoint.kind === "address" &&
      endpoint.addresses.some((address) =>
        service.backendAddresses.some((backend) => cidrContains(backend, address)),
      )
    );
  const wanted = Object.entries(selector);
  return (
    endpoint.kind === "pod" &&
    endpoint.labels.value(POD_NAMESPACE, "k8s") === service.namespace &&
    // A selector without a key is no selector: such a service has no backends of its own.
    wanted.length > 0 &&
    wanted.every(([key, value]) => endpoint.labels.value(key, "k8s") === value)
  );
}
