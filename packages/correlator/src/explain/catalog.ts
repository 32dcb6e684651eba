import { type Catalog, createCatalog, type Manifests, type Profile } from "@dropscope/policy";
import { catalogObjects } from "../catalog/objects.js";

/** What an explanation asks the catalog for: the cluster at a moment, and what changed when. */
export type History = Pick<Catalog, "at" | "changes">;

/** A catalog without history, for judging offline: what the manifests say holds for all time. */
export function catalogOfManifests(manifests: Manifests, profile: Profile): Catalog {
  const catalog = createCatalog({ profile });
  for (const object of catalogObjects(manifests))
    catalog.apply({ type: "set", at: Number.NEGATIVE_INFINITY, object });
  return catalog;
}
