import type { Viewer } from "@dropscope/model";
import {
  type CatalogObject,
  type Finding,
  lint,
  type Manifests,
  mergeManifests,
  parseManifests,
} from "@dropscope/policy";
import type { Knowledge } from "../knowledge.js";
import type { World } from "../world/world.js";

/** Findings by policy (`kind/namespace/name`), with the lines of the policy's own text. */
export type FindingsByPolicy = ReadonlyMap<string, readonly Finding[]>;

interface Kept {
  readonly key: string;
  readonly findings: FindingsByPolicy;
}

/** Lints the policies of a moment with everything else that was there; remembers the last few answers. */
export interface Linter {
  findings(world: World, viewer: Viewer, signal: AbortSignal): Promise<FindingsByPolicy>;
}

const MOST_KEPT = 4;

export function createLinter(knowledge: Pick<Knowledge, "objects" | "profile">): Linter {
  let kept: Kept[] = [];
  return {
    async findings(world, viewer, signal) {
      // The name of the cluster may be learnt late.
      const { objects, profile } = knowledge;
      const key = `${profile.cluster} ${keyOf(world, viewer)}`;
      const known = kept.find((one) => one.key === key);
      if (known !== undefined) return known.findings;
      const texts = await objects.manifests(
        world.policies.map(({ content }) => content),
        viewer,
        signal,
      );
      const parsed = world.policies.map(({ kind, namespace, name, content }) =>
        // The file's name tells whose finding it is.
        parseManifests(texts.get(content) ?? "", `${kind}/${namespace}/${name}`, {
          cluster: profile.cluster,
        }),
      );
      const manifests = mergeManifests([...parsed, surroundings(world.objects)]);
      const findings = new Map<string, Finding[]>();
      for (const finding of lint(manifests, { profile })) {
        const { file } = finding.place;
        findings.set(file, [...(findings.get(file) ?? []), finding]);
      }
      kept = [{ key, findings }, ...kept].slice(0, MOST_KEPT);
      return findings;
    },
  };
}

/** Pods come and go; what they are does not, and lints look at no more. */
function keyOf({ policies, objects }: World, { namespaces }: Viewer): string {
  const shapes = new Set<string>();
  for (const object of objects) {
    if (object.kind === "Pod") {
      const { namespace, value } = object;
      shapes.add(JSON.stringify([namespace, value.labels, value.ports]));
    } else if (object.kind === "Namespace" || object.kind === "Service")
      shapes.add(JSON.stringify([object.kind, object.value]));
  }
  return JSON.stringify([
    namespaces === "all" ? "*" : [...namespaces].sort(),
    policies.map(({ kind, namespace, name, content }) => [kind, namespace, name, content]),
    [...shapes].sort(),
  ]);
}

const NOTHING: Manifests = {
  policies: [],
  namespaces: [],
  workloads: [],
  services: [],
  nodes: [],
  cidrGroups: [],
  publications: [],
  problems: [],
  sources: [],
};

/** What is not a policy, as lints read it. */
function surroundings(objects: readonly CatalogObject[]): Manifests {
  return {
    ...NOTHING,
    namespaces: objects.flatMap((one) => (one.kind === "Namespace" ? [one.value] : [])),
    workloads: objects.flatMap((one) => (one.kind === "Pod" ? [one.value] : [])),
    services: objects.flatMap((one) => (one.kind === "Service" ? [one.value] : [])),
    nodes: objects.flatMap((one) => (one.kind === "Node" ? [one.value] : [])),
    cidrGroups: objects.flatMap((one) => (one.kind === "CiliumCIDRGroup" ? [one.value] : [])),
  };
}
