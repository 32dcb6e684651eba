import { setImmediate } from "node:timers/promises";
import type { ObjectStore } from "./objects/store.js";
import { GitTrouble } from "./objects/object.js";
import { parseCommit, parseTag, parseTree, type TreeEntry } from "./parse.js";

/** A commit that changed something below the folder. */
export interface Point {
  readonly id: string;
  /** As it tells, ms since 1970; NaN when it does not. */
  readonly told: number;
  /** What is there; undefined when nothing is. */
  readonly entry: Pick<TreeEntry, "type" | "id"> | undefined;
}

export interface Walk {
  /** Oldest first. */
  readonly points: readonly Point[];
  /** The first commit of the repository, or the oldest that was reached. */
  readonly root: string;
  readonly commits: number;
  /** Why the walk ended before the first commit; empty when it did not. */
  readonly cut: "" | "shallow" | "many";
}

export interface WalkLimits {
  /** Commits that are looked at. */
  readonly commits: number;
  /** Commits that touched the folder and are kept in memory. */
  readonly points: number;
}

export const WALK_LIMITS: WalkLimits = { commits: 500_000, points: 20_000 };
/** Others in the process get their turn after so many. */
const TURN = 100;

/**
 * The commits that changed a folder, along the first parents: what was merged counts from its
 * merge, since that is when the branch, and whatever follows it, had it.
 * @throws GitTrouble when the newest commits cannot be read
 */
export async function walk(
  objects: ObjectStore,
  from: string,
  path: readonly string[],
  shallow: ReadonlySet<string>,
  limits: WalkLimits = WALK_LIMITS,
): Promise<Walk> {
  const newestFirst: Point[] = [];
  const seen = createPathReader(objects, path);
  let cut: Walk["cut"] = "";
  let commits = 0;
  let root = "";
  /** A commit is one of them when the one before it has something else. */
  let later: Point | undefined;
  for (let id: string | undefined = commitOf(objects, from); id !== undefined;) {
    if (commits >= limits.commits || newestFirst.length >= limits.points) {
      cut = "many";
      break;
    }
    const { tree, parents, at } = parseCommit(id, objects.read(id, "commit"));
    const entry = seen(tree);
    if (later !== undefined && later.entry?.id !== entry?.id) newestFirst.push(later);
    later = { id, told: at, entry };
    root = id;
    commits += 1;
    if (commits % TURN === 0) await setImmediate();
    if (shallow.has(id) && parents.length > 0) {
      cut = "shallow";
      break;
    }
    [id] = parents;
  }
  // The oldest one that was reached brought what was there by then.
  if (later?.entry !== undefined) newestFirst.push(later);
  return { points: newestFirst.reverse(), root, commits, cut };
}

/** Tags that name tags. */
const MAX_TAGS = 5;

function commitOf(objects: ObjectStore, id: string): string {
  for (let tags = 0; tags <= MAX_TAGS; tags += 1) {
    let text: Buffer;
    try {
      text = objects.read(id, "tag");
    } catch (error) {
      if (error instanceof GitTrouble && error.kind === "damaged") return id;
      throw error;
    }
    const { object, type } = parseTag(id, text);
    if (type === "commit") return object;
    id = object;
  }
  throw new GitTrouble("damaged", `tag ${id} is of no commit`);
}

/** Folders of the path by the tree that they stand in: most commits change others. */
const MAX_KNOWN = 1024;

function createPathReader(
  objects: ObjectStore,
  path: readonly string[],
): (root: string) => Point["entry"] {
  const known = new Map<string, Point["entry"]>();
  const child = (tree: string, name: string): Point["entry"] => {
    const key = `${tree}/${name}`;
    if (known.has(key)) return known.get(key);
    const found = parseTree(tree, objects.read(tree, "tree")).find((one) => one.name === name);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(key, found);
    return found;
  };
  return (root) => {
    let entry: Point["entry"] = { type: "tree", id: root };
    for (const name of path) {
      if (entry?.type !== "tree") return undefined;
      entry = child(entry.id, name);
    }
    return entry;
  };
}
