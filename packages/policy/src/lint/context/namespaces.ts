import { parseLabels } from "../../labels.js";
import { matchesSelector } from "../../match/selector.js";
import type { Manifests, Namespace } from "../../objects.js";
import {
  NAMESPACE_LABEL_PREFIX,
  POD_NAMESPACE,
  type Requirement,
  type Selector,
} from "../../selector.js";
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
  /** Namespaces that satisfy the selector's conditions on namespaces, written or added. */
  matching(selector: Selector): readonly Namespace[];
}

/** Whether the requirement is about the namespace and not about the pod in it. */
export function isOfNamespace({ key }: Requirement): boolean {
  return key === POD_NAMESPACE || key.startsWith(NAMESPACE_LABEL_PREFIX);
}

export function indexNamespaces(manifests: Manifests): NamespaceIndex {
  const byName = new Map(manifests.namespaces.map((namespace) => [namespace.name, namespace]));
  const used = [...manifests.workloads, ...manifests.services, ...manifests.policies];
  for (const { namespace } of used)
    if (namespace !== "" && !byName.has(namespace))
      byName.set(namespace, { name: namespace, labels: { [NAME_LABEL]: namespace } });
  const all = [...byName.values()];
  const ends = all.map((namespace) => ({
    namespace,
    labels: parseLabels([
      `k8s:${POD_NAMESPACE}=${namespace.name}`,
      ...Object.entries(namespace.labels).map(
        ([key, value]) => `k8s:${NAMESPACE_LABEL_PREFIX}${key}=${value}`,
      ),
    ]),
  }));
  const matching = new WeakMap<Selector, readonly Namespace[]>();
  return {
    matching(selector) {
      let namespaces = matching.get(selector);
      if (namespaces === undefined) {
        const requirements = selector.requirements.filter(isOfNamespace);
        namespaces = ends
          .filter(({ labels }) => matchesSelector({ requirements }, labels))
          .map(({ namespace }) => namespace);
        matching.set(selector, namespaces);
      }
      return namespaces;
    },
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
