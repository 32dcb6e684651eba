import type { ObjectStore } from "./objects/store.js";
import { GitTrouble } from "./objects/object.js";
import { parseTree, type TreeEntry } from "./parse.js";
import type { Point } from "./walk.js";

/** Deeper than any repository of policies. */
const MAX_DEPTH = 20;
/** A tree may hold one tree many times over, and so more files than there are atoms. */
const MAX_FILES = 20_000;
const MAX_ENTRIES = 500_000;
/** Folders that are remembered. */
const MAX_TREES = 2048;

/** Blob ids of the manifests below a folder by their path, in the order of the paths. */
export type Files = ReadonlyMap<string, string>;

/** Reads which manifests there are; the same as a look into the folder itself would find. */
export function createFileReader(objects: ObjectStore): (entry: Point["entry"]) => Files {
  const trees = new Map<string, readonly TreeEntry[]>();

  const entriesOf = (id: string): readonly TreeEntry[] => {
    let found = trees.get(id);
    if (found === undefined) {
      found = parseTree(id, objects.read(id, "tree")).filter(isManifestOrFolder);
      if (trees.size >= MAX_TREES) trees.clear();
      trees.set(id, found);
    }
    return found;
  };

  return (entry) => {
    if (entry === undefined) return new Map();
    // A file that a person named is read whatever it is called.
    if (entry.type === "blob") return new Map([["", entry.id]]);
    const files: [string, string][] = [];
    let entries = 0;
    const list = (id: string, above: string, depth: number): void => {
      for (const one of entriesOf(id)) {
        const path = `${above}${one.name}`;
        entries += 1;
        if (files.length > MAX_FILES || entries > MAX_ENTRIES)
          throw new GitTrouble("too-large", `it holds more than ${MAX_FILES} manifests`);
        if (one.type === "blob") files.push([path, one.id]);
        else if (depth < MAX_DEPTH) list(one.id, `${path}/`, depth + 1);
      }
    };
    list(entry.id, "", 0);
    return new Map(files.sort(([left], [right]) => (left < right ? -1 : 1)));
  };
}

function isManifestOrFolder({ name, type }: TreeEntry): boolean {
  if (name.startsWith(".") || name === "node_modules") return false;
  return type === "tree" || /\.(ya?ml|json)$/.test(name);
}

export function sameFiles(left: Files, right: Files): boolean {
  if (left.size !== right.size) return false;
  for (const [path, id] of left) if (right.get(path) !== id) return false;
  return true;
}
