import type { LintContext } from "../../context/context.js";
import type { Pod } from "../../context/pods.js";
import type { Evidence } from "../../finding.js";

/** Objects of the input that bring connections from outside the cluster to one of the pods. */
export function publishersOf(
  { manifests, pods: index }: LintContext,
  pods: readonly Pod[],
): Evidence[] {
  if (pods.length === 0) return [];
  const wanted = new Set(pods);
  const found: Evidence[] = [];
  for (const service of manifests.services) {
    if (!index.behind(service).some((pod) => wanted.has(pod))) continue;
    const { namespace, name, place, type } = service;
    if (type === "LoadBalancer" || type === "NodePort")
      found.push({ kind: "Service", namespace, name, place, note: type });
    for (const publication of manifests.publications)
      if (
        publication.namespace === namespace &&
        publication.backends.some((backend) => backend.service === name)
      )
        found.push({
          kind: publication.kind,
          namespace,
          name: publication.name,
          place: publication.place,
          note: `by Service ${name}`,
        });
  }
  return found;
}
