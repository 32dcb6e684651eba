import type { ManifestProblem, Manifests, SourceObject } from "@dropscope/policy";

/** One file as it counts now. */
export interface GoodFile {
  readonly manifests: Manifests;
  /** What its last version says that cannot take effect; the version before counts there. */
  readonly kept: readonly string[];
}

const PARTS = ["policies", "namespaces", "workloads", "services", "nodes", "cidrGroups"] as const;
type Part = (typeof PARTS)[number];

/**
 * A new version of a file, with the last good version of whatever it spoils: as with an API
 * server, an object that is refused leaves the one before in force, and a file that is no YAML
 * leaves all of them.
 */
export function keepLastGood(before: GoodFile | undefined, now: Manifests): GoodFile {
  const errors = now.problems.filter(({ severity }) => severity === "error");
  if (before === undefined || errors.length === 0) return { manifests: now, kept: [] };
  if (errors.some(spoilsFile)) {
    const { problems } = now;
    return { manifests: { ...before.manifests, problems }, kept: ["everything in it"] };
  }
  const there = new Set(PARTS.flatMap((part) => now[part].map((one) => nameOf(part, one))));
  const refused = new Set(
    errors.flatMap(({ object }) =>
      object === undefined ? [] : [`${object.kind}/${object.namespace}/${object.name}`],
    ),
  );
  const missed = (part: Part) => (one: Named) => {
    const name = nameOf(part, one);
    return refused.has(name) && !there.has(name);
  };
  const kept = PARTS.flatMap((part) =>
    before.manifests[part].filter(missed(part)).map((one) => nameOf(part, one)),
  );
  if (kept.length === 0) return { manifests: now, kept: [] };
  const names = new Set(kept);
  const both = <P extends Part>(part: P): Manifests[P] =>
    [...now[part], ...before.manifests[part].filter(missed(part))] as unknown as Manifests[P];
  return {
    manifests: {
      ...now,
      policies: both("policies"),
      namespaces: both("namespaces"),
      workloads: both("workloads"),
      services: both("services"),
      nodes: both("nodes"),
      cidrGroups: both("cidrGroups"),
      sources: [
        ...now.sources.filter((one) => !names.has(sourceName(one))),
        ...before.manifests.sources.filter((one) => names.has(sourceName(one))),
      ],
    },
    kept: [...names],
  };
}

/** An error that says nothing of which object it is about. */
function spoilsFile({ object }: ManifestProblem): boolean {
  return object === undefined || object.name === "";
}

interface Named {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
}

const KIND_OF: Partial<Record<Part, string>> = {
  namespaces: "Namespace",
  services: "Service",
  nodes: "Node",
  cidrGroups: "CiliumCIDRGroup",
};

function nameOf(part: Part, { kind, namespace = "", name }: Named): string {
  return `${KIND_OF[part] ?? kind}/${namespace}/${name}`;
}

export function sourceName({ kind, namespace, name }: SourceObject): string {
  return `${kind}/${namespace}/${name}`;
}
