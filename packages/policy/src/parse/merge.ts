import type { Backends, ManifestProblem, Manifests, Namespace, Service } from "../objects.js";
import type { Place } from "../place.js";
import type { Policy } from "../policy.js";
import { NAMESPACE_NAME_LABEL } from "./cluster-objects.js";

/**
 * Puts the manifests of several files together, as one cluster would hold them.
 * Of two objects with the same name the API server keeps the last one; so does
 * this, and reports an error (`DUPLICATE`) at it. Namespaces that are used but
 * not declared are added, with the one label that every namespace has.
 */
export function mergeManifests(list: readonly Manifests[]): Manifests {
  const problems: ManifestProblem[] = list.flatMap((one) => one.problems);
  const all = <Part extends keyof Manifests>(part: Part) =>
    list.flatMap((one) => one[part] as readonly unknown[]) as unknown as Manifests[Part];

  const merged = {
    policies: withoutRepeats(problems, all("policies"), (policy) => policy.kind, "specIndex"),
    workloads: withoutRepeats(problems, all("workloads"), (workload) => workload.kind),
    services: withBackends(
      withoutRepeats(problems, all("services"), () => "Service"),
      list.flatMap((one) => one.backends ?? []),
    ),
    nodes: withoutRepeats(problems, all("nodes"), () => "Node"),
    cidrGroups: withoutRepeats(problems, all("cidrGroups"), () => "CiliumCIDRGroup"),
    publications: withoutRepeats(problems, all("publications"), (one) => one.kind),
    sources: all("sources"),
  };
  checkPriorities(problems, merged.policies);
  const declared = withoutRepeats(problems, all("namespaces"), () => "Namespace");
  return {
    ...merged,
    namespaces: [...declared, ...undeclared(merged, declared)],
    problems,
  };
}

interface Named {
  readonly name: string;
  readonly namespace?: string;
  readonly place?: Place;
  readonly specIndex?: number;
}

/** The last of each name, in the order of first appearance. Specs of one object share a name and a place. */
function withoutRepeats<T extends Named>(
  problems: ManifestProblem[],
  items: readonly T[],
  kindOf: (item: T) => string,
  part?: "specIndex",
): T[] {
  const kept = new Map<string, T[]>();
  for (const item of items) {
    const { name, namespace = "", place } = item;
    const kind = kindOf(item);
    const key = `${kind}/${namespace}/${name}`;
    const earlier = kept.get(key);
    if (!earlier) kept.set(key, [item]);
    else if (part && samePlace(earlier[0]!.place, place)) earlier.push(item);
    else {
      kept.set(key, [item]);
      problems.push(duplicate(kind, namespace, name, place!, earlier[0]!.place!));
    }
  }
  return [...kept.values()].flat();
}

/** Endpoints and EndpointSlices stand apart from the service that they belong to. */
function withBackends(services: readonly Service[], backends: readonly Backends[]): Service[] {
  const addresses = new Map<string, Set<string>>();
  for (const { namespace, service, addresses: found } of backends) {
    const key = `${namespace}/${service}`;
    addresses.set(key, new Set([...(addresses.get(key) ?? []), ...found]));
  }
  return services.map((service) => {
    const found = addresses.get(`${service.namespace}/${service.name}`);
    return found ? Object.assign({}, service, { backendAddresses: [...found] }) : service;
  });
}

/**
 * Which of two admin policies with the same priority comes first is undefined.
 * Both are kept; v1alpha1 calls it an error.
 */
function checkPriorities(problems: ManifestProblem[], policies: readonly Policy[]): void {
  const seen = new Map<string, Policy>();
  for (const policy of policies) {
    const { kind, name, tier, priority, place } = policy;
    if (kind !== "AdminNetworkPolicy" && kind !== "ClusterNetworkPolicy") continue;
    const key = `${kind}/${tier}/${priority}`;
    const earlier = seen.get(key);
    if (!earlier) seen.set(key, policy);
    else
      problems.push({
        code: "BAD_PRIORITY",
        severity: kind === "AdminNetworkPolicy" ? "error" : "warning",
        message: `${kind} ${name} and ${earlier.name} have the same priority ${priority}: which comes first is undefined`,
        fix: "Give each policy a priority of its own.",
        place,
        object: { kind, namespace: "", name },
      });
  }
}

function samePlace(left: Place | undefined, right: Place | undefined): boolean {
  return left?.file === right?.file && left?.line === right?.line && left?.column === right?.column;
}

function duplicate(
  kind: string,
  namespace: string,
  name: string,
  place: Place,
  earlier: Place,
): ManifestProblem {
  const title = `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;
  return {
    code: "DUPLICATE",
    severity: "error",
    message: `${title} stands twice: the one of ${earlier.file}:${earlier.line} is replaced by this one`,
    fix: "Give one of the two another name, or delete it.",
    place,
    object: { kind, namespace, name },
  };
}

function undeclared(
  manifests: Pick<Manifests, "policies" | "workloads" | "services" | "publications">,
  declared: readonly Namespace[],
): Namespace[] {
  const known = new Set(declared.map(({ name }) => name));
  const found: Namespace[] = [];
  for (const part of ["policies", "workloads", "services", "publications"] as const)
    for (const { namespace } of manifests[part]) {
      if (namespace === "" || known.has(namespace)) continue;
      known.add(namespace);
      found.push({ name: namespace, labels: { [NAMESPACE_NAME_LABEL]: namespace } });
    }
  return found;
}
