import type { CatalogObject, Manifests, Policy, Workload } from "@dropscope/policy";

/**
 * The objects of manifests as the catalog keeps them. A workload's template stands for its pods,
 * so that its container ports are known. Namespaces that are only used are left out: the catalog
 * knows the label that every one of them has.
 */
export function catalogObjects(manifests: Manifests): CatalogObject[] {
  return [
    ...policyObjects(manifests.policies),
    ...podsOf(manifests.workloads).map((value) => namespaced("Pod", value)),
    ...manifests.services.map((value) => namespaced("Service", value)),
    ...manifests.namespaces
      .filter(({ place }) => place !== undefined)
      .map((value) => clusterwide("Namespace", value)),
    ...manifests.nodes.map((value) => clusterwide("Node", value)),
    ...manifests.cidrGroups.map((value) => clusterwide("CiliumCIDRGroup", value)),
  ];
}

/** The specs of one object are one object of the catalog. */
function policyObjects(policies: readonly Policy[]): CatalogObject[] {
  const objects = new Map<string, Policy[]>();
  for (const policy of policies) {
    const key = `${policy.kind}/${policy.namespace}/${policy.name}`;
    const specs = objects.get(key);
    if (specs === undefined) objects.set(key, [policy]);
    else specs.push(policy);
  }
  return [...objects.values()].map((value) => {
    const [{ kind, namespace, name }] = value as [Policy, ...Policy[]];
    return { kind, namespace, name, value };
  });
}

/** A pod's own manifest comes before a template of the same name. */
function podsOf(workloads: readonly Workload[]): Workload[] {
  const found = new Map<string, Workload>();
  for (const workload of workloads) {
    const key = `${workload.namespace}/${workload.name}`;
    if (!found.has(key) || workload.kind === "Pod") found.set(key, workload);
  }
  return [...found.values()];
}

type ValueOf<Kind extends CatalogObject["kind"]> = Extract<
  CatalogObject,
  { readonly kind: Kind }
>["value"];

export function namespaced<Kind extends "Pod" | "Service">(
  kind: Kind,
  value: ValueOf<Kind>,
): CatalogObject {
  const { namespace, name } = value;
  return { kind, namespace, name, value } as CatalogObject;
}

export function clusterwide<Kind extends "Namespace" | "Node" | "CiliumCIDRGroup">(
  kind: Kind,
  value: ValueOf<Kind>,
): CatalogObject {
  return { kind, namespace: "", name: value.name, value } as CatalogObject;
}

/** Equal for equal ids; names hold no slash. */
export function keyOf({
  kind,
  namespace,
  name,
}: Pick<CatalogObject, "kind" | "namespace" | "name">): string {
  return `${kind}/${namespace}/${name}`;
}
