import type { Manifests, Namespace } from "../../objects.js";
import type { Evidence } from "../finding.js";

/** Set by the control plane on every namespace. */
export const NAME_LABEL = "kubernetes.io/metadata.name";

/** The namespaces of the input: declared ones, and those that objects merely stand in. */
export interface NamespaceIndex {
  readonly all: readonly Namespace[];
  /** Namespaces whose labels are known, because their objects are in the input. */
  readonly declared: readonly Namespace[];
  get(name: string): Namespace | undefined;
  /** Of one that is not in the input: only its name's label. */
  labels(name: string): Readonly<Record<string, string>>;
}

export function indexNamespaces(manifests: Manifests): NamespaceIndex {
  const byName = new Map(manifests.namespaces.map((namespace) => [namespace.name, namespace]));
  const used = [...manifests.workloads, ...manifests.services, ...manifests.policies];
  for (const { namespace } of used)
    if (namespace !== "" && !byName.has(namespace))
      byName.set(namespace, { name: namespace, labels: { [NAME_LABEL]: namespace } });
  const all = [...byName.values()];
  return {
    all,
    declared: all.filter(({ place }) => place !== undefined),
    get: (name) => byName.get(name),
    labels: (name) => byName.get(name)?.labels ?? { [NAME_LABEL]: name },
  };
}

/** A namespace as evidence. */
export function namespaceEvidence({ name, place }: Namespace, note?: string): Evidence {
  return { kind: "Namespace", namespace: "", name, place, note };
}
