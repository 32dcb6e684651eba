import { basename, join, relative, resolve, sep } from "node:path";

/**
 * How sentences name the files of some folders: by the path below the folder, with the folder's
 * own name in front where several are read. Where a folder lies is nobody's business who reads
 * of a policy in it.
 * @param roots folders and files as they were named; `-` is standard input
 */
export function fileLabels(roots: readonly string[]): (path: string) => string {
  const known = roots.map((root) => ({ root: resolve(root), name: basename(resolve(root)) }));
  const isOne = known.length === 1;
  return (path) => {
    if (path === "-") return path;
    const full = resolve(path);
    for (const { root, name } of known) {
      if (full === root) return name;
      if (!full.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)) continue;
      const below = relative(root, full);
      const isTold = known.filter((other) => other.name === name).length === 1;
      // Two folders of one name are told apart by what stands before it.
      return isOne ? below : isTold ? join(name, below) : path;
    }
    return path;
  };
}
