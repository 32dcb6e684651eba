import { servicesOfAny } from "../../context/backends.js";
import type { LintContext } from "../../context/context.js";
import type { Pod } from "../../context/pods.js";
import type { Evidence } from "../../finding.js";

/** Objects of the input that bring connections from outside the cluster to one of the pods. */
export function publishersOf(context: LintContext, pods: readonly Pod[]): Evidence[] {
  const found: Evidence[] = [];
  for (const { namespace, name, place, type } of servicesOfAny(context, pods)) {
    if (type === "LoadBalancer" || type === "NodePort")
      found.push({ kind: "Service", namespace, name, place, note: type });
    for (const publication of context.manifests.publications)
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
