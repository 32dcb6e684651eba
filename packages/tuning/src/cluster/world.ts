import type { Viewer } from "@dropscope/model";
import {
  type CatalogObject,
  type CatalogView,
  createCatalog,
  type Profile,
} from "@dropscope/policy";
import type { ObjectQuery, ObjectReader, StoredVersion } from "@dropscope/store";
import { isPolicyKind, KINDS_WITHOUT_PODS } from "./kinds.js";

/** Who knows the objects of a cluster over time. */
export interface ClusterKnowledge {
  readonly objects: ObjectReader;
  readonly profile: Profile;
}

/** The cluster at one moment, as the store knows it and as far as the viewer may see it. */
export interface World {
  /** ms since 1970. */
  readonly at: number;
  readonly view: CatalogView;
  readonly objects: readonly CatalogObject[];
  /** Each policy's version of that moment, without its text. */
  readonly policies: readonly StoredVersion[];
}

/** @param pods namespaces whose pods are read: most questions need few of them */
export async function worldAt(
  { objects, profile }: ClusterKnowledge,
  viewer: Viewer,
  at: number,
  pods: "all" | readonly string[],
  signal: AbortSignal,
): Promise<World> {
  const load = (more: Pick<ObjectQuery, "kinds" | "namespace">): Promise<StoredVersion[]> =>
    objects.loadVersions({ viewer, since: at, until: at, ...more }, signal);
  const kinds = ["Pod"];
  const versions = await Promise.all([
    load({ kinds: KINDS_WITHOUT_PODS }),
    ...(pods === "all"
      ? [load({ kinds })]
      : [...new Set(pods)].map((namespace) => load({ kinds, namespace }))),
  ]);
  const all = versions.flat();
  const catalog = createCatalog({ profile });
  catalog.load(
    all.map((version) => ({
      record: "version" as const,
      from: Number.isFinite(version.from) ? version.from : null,
      to: Number.isFinite(version.to) ? version.to : null,
      uid: version.uid,
      object: objectOf(version),
    })),
  );
  return {
    at,
    view: catalog.at(at),
    objects: all.map(objectOf),
    policies: all.filter(({ kind }) => isPolicyKind(kind)),
  };
}

function objectOf({
  kind,
  namespace,
  name,
  spec,
}: Pick<StoredVersion, "kind" | "namespace" | "name" | "spec">): CatalogObject {
  return { kind, namespace, name, value: spec } as CatalogObject;
}
