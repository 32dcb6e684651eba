import type { Service } from "../../objects.js";
import type { LintContext } from "./context.js";
import type { Pod } from "./pods.js";

const remembered = new WeakMap<LintContext, ReadonlyMap<Pod, readonly Service[]>>();

/** The Services whose selectors the pod satisfies. */
export function servicesOf(context: LintContext, pod: Pod): readonly Service[] {
  let byPod = remembered.get(context);
  if (byPod === undefined) {
    byPod = indexServices(context);
    remembered.set(context, byPod);
  }
  return byPod.get(pod) ?? [];
}

/** Services behind which any of the pods stands, each once. */
export function servicesOfAny(context: LintContext, pods: Iterable<Pod>): Service[] {
  const found = new Set<Service>();
  for (const pod of pods) for (const service of servicesOf(context, pod)) found.add(service);
  return [...found];
}

function indexServices({ manifests, pods }: LintContext): ReadonlyMap<Pod, readonly Service[]> {
  const byPod = new Map<Pod, Service[]>();
  for (const service of manifests.services)
    for (const pod of pods.behind(service)) {
      const services = byPod.get(pod);
      if (services) services.push(service);
      else byPod.set(pod, [service]);
    }
  return byPod;
}
