import { catalogObjects, type Moment, momentAt } from "@dropscope/correlator";
import type { Viewer } from "@dropscope/model";
import {
  type CatalogObject,
  type CatalogView,
  createCatalog,
  type Manifests,
  parseManifests,
  type Policy,
  type Profile,
  type SourceObject,
} from "@dropscope/policy";
import { isPolicyObject, objectKey } from "./kinds.js";
import { type ClusterKnowledge, type World, worldAt } from "./world.js";

/** The cluster at one moment, as all parts of tuning see it. Immutable. */
export interface TuningCluster {
  /** ms since 1970. */
  readonly at: number;
  readonly profile: Profile;
  readonly view: CatalogView;
  /** The same, with its policies sorted by whom they select. */
  readonly moment: Moment;
  readonly objects: readonly CatalogObject[];
  /** Policies in force, in a stable order; those of one object share kind, namespace and name. */
  readonly policies: readonly Policy[];
  /** Policies as they were written, by `objectKey`; what nobody wrote down is missing. */
  readonly sources: ReadonlyMap<string, SourceObject>;
  /**
   * From when on policies say what they say, ms since 1970, by `objectKey`; missing for those that always did, and
   * where that is not known.
   */
  readonly since: ReadonlyMap<string, number>;
}

/** A cluster that holds these objects. @param options.at ms since 1970 */
export function clusterOfObjects(
  objects: readonly CatalogObject[],
  options: {
    readonly at: number;
    readonly profile: Profile;
    readonly sources?: ReadonlyMap<string, SourceObject>;
    readonly since?: ReadonlyMap<string, number>;
  },
): TuningCluster {
  const { at, profile, sources = new Map<string, SourceObject>() } = options;
  const { since = new Map<string, number>() } = options;
  const catalog = createCatalog({ profile });
  for (const object of objects)
    catalog.apply({ type: "set", at: Number.NEGATIVE_INFINITY, object });
  return clusterOf({ at, objects, view: catalog.at(at) }, profile, sources, since);
}

/** A cluster that is what manifests say. Refused objects are told of in `manifests.problems` and are not in it. */
export function clusterOfManifests(
  manifests: Manifests,
  options: { readonly at: number; readonly profile: Profile },
): TuningCluster {
  return clusterOfObjects(catalogObjects(manifests), {
    ...options,
    sources: sourcesOfManifests(manifests),
  });
}

/**
 * The cluster as the store knows it.
 * @param pods namespaces whose pods are read; flows bring the labels of theirs along
 */
export async function clusterAt(
  knowledge: ClusterKnowledge,
  viewer: Viewer,
  at: number,
  pods: "all" | readonly string[],
  signal: AbortSignal,
): Promise<TuningCluster> {
  const world = await worldAt(knowledge, viewer, at, pods, signal);
  return clusterOfWorld(knowledge, world, viewer, signal);
}

/** The same of a world that was read before. */
export async function clusterOfWorld(
  { objects, profile }: ClusterKnowledge,
  world: World,
  viewer: Viewer,
  signal: AbortSignal,
): Promise<TuningCluster> {
  const hashes = [...new Set(world.policies.map(({ content }) => content))];
  const texts = await objects.manifests(hashes, viewer, signal);
  const sources = new Map<string, SourceObject>();
  for (const version of world.policies) {
    const text = texts.get(version.content) ?? "";
    const options = { cluster: profile.cluster };
    const [source] = parseManifests(text, `${version.name}.yaml`, options).sources;
    if (source !== undefined) sources.set(objectKey(version), source);
  }
  const since = world.policies
    .filter(({ from }) => Number.isFinite(from))
    .map((version) => [objectKey(version), version.from] as const);
  return clusterOf(world, profile, sources, new Map(since));
}

/** Policies of manifests as they were written, by `objectKey`. */
export function sourcesOfManifests({ policies, sources }: Manifests): Map<string, SourceObject> {
  const known = new Set(policies.map(objectKey));
  const found = new Map<string, SourceObject>();
  for (const source of sources) {
    // A namespace that the text leaves out is that of the reader's default, which `policies` have.
    const key = objectKey(source);
    if (known.has(key)) found.set(key, source);
  }
  return found;
}

/** The cluster with other policies in place of some of its own; everything else stays. */
export function withPolicies(
  cluster: TuningCluster,
  changed: {
    /** Whole objects: all specs of each. */
    readonly set?: readonly Policy[];
    readonly sources?: ReadonlyMap<string, SourceObject>;
    /** `objectKey`s. */
    readonly remove?: readonly string[];
  },
): TuningCluster {
  const { set = [], sources = new Map<string, SourceObject>(), remove = [] } = changed;
  const gone = new Set([...remove, ...set.map(objectKey)]);
  const empty = parseManifests("", "-");
  const objects = [
    ...cluster.objects.filter((object) => !isPolicyObject(object) || !gone.has(objectKey(object))),
    ...catalogObjects({ ...empty, policies: set }),
  ];
  const kept = [...cluster.sources].filter(([key]) => !gone.has(key));
  return clusterOfObjects(objects, {
    at: cluster.at,
    profile: cluster.profile,
    sources: new Map([...kept, ...sources]),
    since: new Map([...cluster.since].filter(([key]) => !gone.has(key))),
  });
}

/** The cluster with further objects, as far as it does not know them already. */
export function withObjects(
  cluster: TuningCluster,
  objects: readonly CatalogObject[],
): TuningCluster {
  const known = new Set(cluster.objects.map(objectKey));
  const more = objects.filter((object) => !known.has(objectKey(object)));
  if (more.length === 0) return cluster;
  return clusterOfObjects([...cluster.objects, ...more], cluster);
}

function clusterOf(
  { at, objects, view }: Pick<World, "at" | "objects" | "view">,
  profile: Profile,
  sources: ReadonlyMap<string, SourceObject>,
  since: ReadonlyMap<string, number>,
): TuningCluster {
  const moment = momentAt({ at: () => view, changes: () => [] }, at, profile);
  return { at, profile, view, moment, objects, policies: view.policies(), sources, since };
}
