import {
  type CatalogObject,
  type Finding,
  lint,
  type Manifests,
  mergeManifests,
  parseManifests,
  type Profile,
} from "@dropscope/policy";

/** All that lints look at: plain data, so that it can be sent to a thread. */
export interface LintInput {
  readonly profile: Profile;
  /** The text of each policy; the file's name tells whose finding it is. */
  readonly texts: readonly { readonly file: string; readonly text: string }[];
  readonly objects: readonly CatalogObject[];
}

/** Lints it; takes a second for each thousand policies. */
export function lintAll({ profile, texts, objects }: LintInput): Finding[] {
  const parsed = texts.map(({ file, text }) =>
    parseManifests(text, file, { cluster: profile.cluster }),
  );
  return lint(mergeManifests([...parsed, surroundings(objects)]), { profile });
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
