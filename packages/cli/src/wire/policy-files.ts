import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DropscopeError, EXIT } from "@dropscope/model";

export interface PolicyFile {
  readonly path: string;
  /** Time of the last change, ms since 1970, and size in bytes: together they tell a new version. */
  readonly changed: number;
  readonly size: number;
}

/**
 * YAML and JSON files of the folders (and files) given, sorted by path. Hidden folders are passed over.
 * @throws DropscopeError `POLICY_FILE` when a path does not exist
 */
export function policyFiles(paths: readonly string[]): PolicyFile[] {
  return paths.flatMap((path) => walk(path, true)).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function walk(path: string, named: boolean): PolicyFile[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) {
    // A file may vanish while a folder is read; what a person named may not be missing.
    if (!named) return [];
    throw new DropscopeError("POLICY_FILE", `There is no ${path}.`, {
      next: "Correct --policies: a folder of YAML, or a file.",
      exitCode: EXIT.noInput,
    });
  }
  if (stats.isDirectory())
    return readdirSync(path)
      .filter((name) => !name.startsWith(".") && name !== "node_modules")
      .flatMap((name) => walk(join(path, name), false));
  if (!named && !/\.(ya?ml|json)$/.test(path)) return [];
  return [{ path, changed: stats.mtimeMs, size: stats.size }];
}
