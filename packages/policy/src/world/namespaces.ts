import type { Manifests, Namespace } from "../objects.js";

const NAME_LABEL = "kubernetes.io/metadata.name";

/** Declared namespaces, and those that an object is in without anyone having declared them. */
export function namespacesOf(manifests: Manifests): ReadonlyMap<string, Namespace> {
  const found = new Map<string, Namespace>();
  for (const namespace of manifests.namespaces) {
    const labels = { ...namespace.labels, [NAME_LABEL]: namespace.name };
    const known = found.get(namespace.name);
    // Which are only used may stand before the declaration: that one counts.
    if (known?.place === undefined) found.set(namespace.name, { ...namespace, labels });
  }
  const used = [manifests.workloads, manifests.policies, manifests.services].flatMap((objects) =>
    objects.map(({ namespace }) => namespace),
  );
  for (const name of used)
    if (name !== "" && !found.has(name)) found.set(name, { name, labels: { [NAME_LABEL]: name } });
  return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
