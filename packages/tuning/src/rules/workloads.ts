import { podOwner } from "@dropscope/model";
import type { TuningCluster } from "../cluster/index.js";
import { peerOfEnd } from "../repair/ends.js";
import { createNaming, type Naming } from "../repair/naming.js";

/** How many workloads a namespace has, as far as its pods are known; replicas are one. */
export function workloadCounts({ objects }: TuningCluster): (namespace: string) => number {
  const names = new Map<string, Set<string>>();
  for (const object of objects) {
    if (object.kind !== "Pod") continue;
    const { name, owner } = object.value;
    const known = names.get(object.namespace) ?? new Set<string>();
    names.set(object.namespace, known.add(podOwner(name) || owner?.name || name));
  }
  return (namespace) => names.get(namespace)?.size ?? 0;
}

/** Which labels single a pod out among those that are known. */
export function namingOf({ objects, view }: TuningCluster): Naming {
  return createNaming(
    objects.flatMap(({ kind, namespace, name }) => {
      const endpoint = kind === "Pod" ? view.endpoint(`${namespace}/${name}`) : undefined;
      return endpoint === undefined ? [] : [{ endpoint, peer: peerOfEnd(endpoint), count: 1 }];
    }),
  );
}
