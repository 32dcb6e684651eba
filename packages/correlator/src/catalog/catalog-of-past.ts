import { type Catalog, createCatalog, type Manifests, type Profile } from "@dropscope/policy";
import type { GitHistory } from "./git/index.js";
import { catalogObjects } from "./objects.js";
import { ALWAYS_TOLD } from "./store-past.js";

/**
 * A catalog of what policies were, without a store: answers as the store does after `storePast`.
 * @throws DropscopeError `GIT_HISTORY`
 */
export async function catalogOfPast(
  {
    histories,
    manifests,
  }: { readonly histories: readonly GitHistory[]; readonly manifests?: Manifests },
  profile: Profile,
): Promise<Catalog> {
  const catalog = createCatalog({ profile });
  const since = Math.min(Number.POSITIVE_INFINITY, ...histories.map((one) => one.since));
  for (const object of manifests === undefined ? [] : catalogObjects(manifests)) {
    catalog.apply({ type: "set", at: Number.NEGATIVE_INFINITY, object });
    // From there on the repository says which policies there are.
    if (Number.isFinite(since) && ALWAYS_TOLD.includes(object.kind))
      catalog.apply({ type: "delete", at: since, id: object });
  }
  for (const history of histories)
    for await (const { changes } of history.steps())
      for (const change of changes)
        catalog.apply(
          change.type === "set"
            ? { type: "set", at: change.at, object: change.observed.object }
            : { type: "delete", at: change.at, id: change.id },
        );
  // What a folder says holds at all times, and so does that it is known.
  if (manifests === undefined)
    catalog.load(ALWAYS_TOLD.map((kind) => ({ record: "list", kind, at: since, since: null })));
  return catalog;
}
