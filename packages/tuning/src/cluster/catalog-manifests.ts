import { type CatalogObject, type Manifests, parseManifests } from "@dropscope/policy";

/** Objects of a cluster as lints read them; its policies come beside them, with their text. */
export function catalogManifests(objects: readonly CatalogObject[]): Manifests {
  return {
    ...parseManifests("", "-"),
    namespaces: objects.flatMap((one) => (one.kind === "Namespace" ? [one.value] : [])),
    workloads: objects.flatMap((one) => (one.kind === "Pod" ? [one.value] : [])),
    services: objects.flatMap((one) => (one.kind === "Service" ? [one.value] : [])),
    nodes: objects.flatMap((one) => (one.kind === "Node" ? [one.value] : [])),
    cidrGroups: objects.flatMap((one) => (one.kind === "CiliumCIDRGroup" ? [one.value] : [])),
  };
}
