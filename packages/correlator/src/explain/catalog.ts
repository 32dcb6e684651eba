import {
  type Catalog,
  type CatalogObject,
  createCatalog,
  type Manifests,
  type Policy,
  type Profile,
  type Workload,
} from "@dropscope/policy";

/** What an explanation asks the catalog for: the cluster at a moment, and what changed when. */
export type History = Pick<Catalog, "at" | "changes">;

/**
 * A catalog without history, for judging offline: what the manifests say holds for all time.
 * A workload's template stands for its pods, so that its container ports are known.
 */
export function catalogOfManifests(manifests: Manifests, profile: Profile): Catalog {
  const catalog = createCatalog({ profile });
  const set = (object: CatalogObject): void =>
    catalog.apply({ type: "set", at: Number.NEGATIVE_INFINITY, object });
  for (const object of policyObjects(manifests.policies)) set(object);
  for (const value of podsOf(manifests.workloads))
    set({ kind: "Pod", namespace: value.namespace, name: value.name, value });
  for (const value of manifests.namespaces)
    set({ kind: "Namespace", namespace: "", name: value.name, value });
  for (const value of manifests.services)
    set({ kind: "Service", namespace: value.namespace, name: value.name, value });
  for (const value of manifests.nodes)
    set({ kind: "Node", namespace: "", name: value.name, value });
  for (const value of manifests.cidrGroups)
    set({ kind: "CiliumCIDRGroup", namespace: "", name: value.name, value });
  return catalog;
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
function podsOf(workloads: readonly Workload[]): Iterable<Workload> {
  const found = new Map<string, Workload>();
  for (const workload of workloads) {
    const key = `${workload.namespace}/${workload.name}`;
    if (!found.has(key) || workload.kind === "Pod") found.set(key, workload);
  }
  return found.values();
}
