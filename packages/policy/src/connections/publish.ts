import type { Manifests, Publication, Service, ServicePort } from "../objects.js";
import { type ConnectionSet, NOTHING, ofProtocol, unite } from "./connection-set.js";
import type { WorkloadEnd } from "./ends.js";
import { portSet } from "./ports.js";

/** A workload that Ingress or Route objects publish, with the ports that they reach it on. */
export interface Published {
  readonly end: WorkloadEnd;
  readonly reached: ConnectionSet;
  readonly by: readonly PublishedBy[];
}

export interface PublishedBy {
  readonly publication: Publication;
  readonly service: string;
  readonly reached: ConnectionSet;
}

/**
 * Follows Ingress and Route objects through their services to workloads. Only TCP is
 * published, and only ports that a container declares.
 * @param warn told of services that are missing or cannot be followed
 */
export function publishedWorkloads(
  manifests: Manifests,
  ends: readonly WorkloadEnd[],
  warn: (text: string) => void,
): Published[] {
  const found = new Map<WorkloadEnd, PublishedBy[]>();
  for (const publication of manifests.publications)
    for (const backend of publication.backends) {
      const service = manifests.services.find(
        ({ name, namespace }) => name === backend.service && namespace === publication.namespace,
      );
      const title = `${publication.kind} ${publication.namespace}/${publication.name}`;
      if (service === undefined) {
        warn(`${title} names the service ${backend.service}, which is not there.`);
        continue;
      }
      const targets = targetsOf(service, backend.port);
      for (const end of ends) {
        if (!isSelected(service, end)) continue;
        const reached = targets
          .map((target) => portsAt(end, target))
          .reduce((all, ports) => unite(all, ports), NOTHING);
        const by = found.get(end) ?? [];
        by.push({ publication, service: service.name, reached });
        found.set(end, by);
      }
    }
  return [...found].map(([end, by]) => ({
    end,
    by,
    reached: by.map((one) => one.reached).reduce((all, ports) => unite(all, ports), NOTHING),
  }));
}

/** Target ports behind the service port that is asked for: the first that fits, or all of them. */
function targetsOf(
  { ports }: Service,
  wanted: number | string | undefined,
): ServicePort["targetPort"][] {
  if (wanted === undefined) return ports.map(({ targetPort }) => targetPort);
  const found = ports.find(
    ({ name, port, targetPort }) => name === wanted || port === wanted || targetPort === wanted,
  );
  return found === undefined ? [] : [found.targetPort];
}

function isSelected(
  { selector, namespace }: Service,
  { endpoint, workload }: WorkloadEnd,
): boolean {
  // Without a selector the backends are written by hand, and are no workloads of the manifests.
  if (selector === undefined || namespace !== workload.namespace) return false;
  return Object.entries(selector).every(
    ([key, value]) => endpoint.labels.value(key, "k8s") === value,
  );
}

function portsAt({ endpoint }: WorkloadEnd, target: ServicePort["targetPort"]): ConnectionSet {
  const declared = endpoint.ports.filter(({ name, port, protocol }) =>
    typeof target === "number" ? port === target : name === target && protocol === "TCP",
  );
  return declared.length === 0
    ? NOTHING
    : ofProtocol("TCP", portSet(declared.map(({ port }) => [port, port])));
}
