import type { Viewer } from "@dropscope/model";
import {
  type CatalogObject,
  type CatalogView,
  createCatalog,
  type ObjectKind,
  type PolicyKind,
} from "@dropscope/policy";
import type { ObjectQuery, StoredVersion } from "@dropscope/store";
import type { Knowledge } from "../knowledge.js";

export const POLICY_KINDS: readonly PolicyKind[] = [
  "NetworkPolicy",
  "CiliumNetworkPolicy",
  "CiliumClusterwideNetworkPolicy",
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
  "ClusterNetworkPolicy",
];

const WITHOUT_PODS: readonly ObjectKind[] = [
  ...POLICY_KINDS,
  "CiliumCIDRGroup",
  "Namespace",
  "Node",
  "Service",
];

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
  { objects, profile }: Pick<Knowledge, "objects" | "profile">,
  viewer: Viewer,
  at: number,
  pods: "all" | readonly string[],
  signal: AbortSignal,
): Promise<World> {
  const load = (more: Pick<ObjectQuery, "kinds" | "namespace">): Promise<StoredVersion[]> =>
    objects.loadVersions({ viewer, since: at, until: at, ...more }, signal);
  const kinds = ["Pod"];
  const versions = await Promise.all([
    load({ kinds: WITHOUT_PODS }),
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

export function isPolicyKind(kind: string): boolean {
  const kinds: readonly string[] = POLICY_KINDS;
  return kinds.includes(kind);
}

function objectOf({
  kind,
  namespace,
  name,
  spec,
}: Pick<StoredVersion, "kind" | "namespace" | "name" | "spec">): CatalogObject {
  return { kind, namespace, name, value: spec } as CatalogObject;
}
