import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

export interface FoundFile {
  /** Changes whenever the file may have: inode, size and time of its last change. */
  readonly stamp: string;
  /** Time of its last change, ms since 1970. */
  readonly changed: number;
  readonly size: number;
}

export interface Scan {
  /** By path, in the order of paths. */
  readonly files: ReadonlyMap<string, FoundFile>;
  readonly folders: readonly string[];
  /** A named path that cannot be read: what it held is then unknown, not gone. */
  readonly trouble: string;
}

/** Deeper than any repository of policies, and an end for links that go round in circles. */
const MAX_DEPTH = 20;

/**
 * YAML and JSON files of folders and files. Hidden names are passed over, `..data` of a mounted
 * ConfigMap among them: its files are linked one level up. Links are followed.
 */
export function scanFolders(paths: readonly string[]): Scan {
  const files: [string, FoundFile][] = [];
  const folders: string[] = [];
  let trouble = "";

  const walk = (path: string, depth: number): void => {
    let stats;
    try {
      stats = statSync(path);
      if (stats.isDirectory()) {
        folders.push(path);
        for (const name of depth < MAX_DEPTH ? readdirSync(path) : [])
          if (!name.startsWith(".") && name !== "node_modules") walk(join(path, name), depth + 1);
        return;
      }
    } catch (error) {
      // A file may vanish while its folder is read; what a person named may not.
      const { code } = error as NodeJS.ErrnoException;
      if (depth === 0 || code !== "ENOENT") trouble ||= `${path} cannot be read (${code}).`;
      return;
    }
    if (depth > 0 && !/\.(ya?ml|json)$/.test(path)) return;
    const { dev, ino, size, mtimeMs } = stats;
    files.push([path, { stamp: `${dev}:${ino}:${size}:${mtimeMs}`, changed: mtimeMs, size }]);
  };

  for (const path of paths) walk(path, 0);
  files.sort(([left], [right]) => (left < right ? -1 : 1));
  return { files: new Map(files), folders, trouble };
}

export function sameFiles(left: Scan, right: Scan): boolean {
  if (left.files.size !== right.files.size || left.trouble !== right.trouble) return false;
  for (const [path, { stamp }] of left.files)
    if (right.files.get(path)?.stamp !== stamp) return false;
  return true;
}
