import { join } from "node:path";
import { parseManifests, type Manifests, type ParseOptions } from "@dropscope/policy";
import type { PastChange } from "../source.js";
import { readBlob, readCommits, type Commit } from "./git.js";
import { keepLastGood, type GoodFile } from "./read.js";
import { changesBetween, snapshotOf, type Snapshot } from "./snapshot.js";

/**
 * What the objects of a checkout's folder were, commit by commit: each holds from the time of its
 * commit. A commit that spoils a file leaves the last good version in force.
 * @throws DropscopeError `GIT_MISSING`, `GIT_HISTORY`
 */
export async function readHistory(
  folder: string,
  options: ParseOptions = {},
): Promise<PastChange[]> {
  const parsed = new Map<string, Manifests>();
  let good = new Map<string, GoodFile>();
  let before: Snapshot = new Map();
  let last = Number.NEGATIVE_INFINITY;
  const changes: PastChange[] = [];

  const read = async (path: string, blob: string): Promise<Manifests> => {
    const key = `${blob} ${path}`;
    const known = parsed.get(key);
    if (known !== undefined) return known;
    const manifests = parseManifests(await readBlob(folder, blob), join(folder, path), options);
    parsed.set(key, manifests);
    return manifests;
  };

  const after = async ({ files }: Commit): Promise<Map<string, GoodFile>> => {
    const next = new Map<string, GoodFile>();
    for (const [path, blob] of files)
      next.set(path, keepLastGood(good.get(path), await read(path, blob)));
    return next;
  };

  for (const commit of await readCommits(folder)) {
    good = await after(commit);
    const snapshot = snapshotOf([...good.values()].map(({ manifests }) => manifests)).objects;
    // Clocks of authors differ; what came later in the history held later.
    last = Math.max(commit.at, last + 1);
    const at = last;
    changes.push(...changesBetween(before, snapshot, () => at, at));
    before = snapshot;
  }
  return changes;
}
