import type { Manifests, ManifestProblem, Namespace } from "../objects.js";
import type { Place } from "../place.js";

const NAME_LABEL = "kubernetes.io/metadata.name";

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
    services: withoutRepeats(problems, all("services"), () => "Service"),
    nodes: withoutRepeats(problems, all("nodes"), () => "Node"),
    cidrGroups: withoutRepeats(problems, all("cidrGroups"), () => "CiliumCIDRGroup"),
    publications: withoutRepeats(problems, all("publications"), (one) => one.kind),
    sources: all("sources"),
  };
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
      found.push({ name: namespace, labels: { [NAME_LABEL]: namespace } });
    }
  return found;
}
