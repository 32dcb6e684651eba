import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { DropscopeError, EXIT, type Fix } from "@dropscope/model";
import { shown } from "../observe/paint.js";
import type { PolicyFiles } from "./inputs.js";

/**
 * Writes the changed files, for a commit: in their place, or below a folder.
 * @param folder undefined: where the policies were read
 * @returns the paths that were written
 * @throws DropscopeError `USAGE` where they were not read from files, `POLICY_FILE` where one cannot be written
 */
export function writeFix(
  { files }: Fix,
  { paths }: PolicyFiles,
  folder: string | undefined,
): string[] {
  if (folder === undefined && paths.size === 0)
    throw new DropscopeError(
      "USAGE",
      "--write needs a folder: the policies were not read from files.",
      {
        next: "Name a folder with --write DIR, or the checkout that holds the policies with --policies.",
        exitCode: EXIT.usage,
      },
    );
  return files.map(({ path, yaml }) => {
    const target = folder === undefined ? placeOf(path, paths) : below(folder, path);
    try {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, yaml);
    } catch (error) {
      const { code = "unknown error" } = error as NodeJS.ErrnoException;
      throw new DropscopeError("POLICY_FILE", `${shown(target)} cannot be written (${code}).`, {
        next: "Correct its rights, or name another folder with --write.",
        exitCode: code === "EACCES" || code === "EPERM" ? EXIT.noPermission : EXIT.ioError,
      });
    }
    return target;
  });
}

/** A new file goes into the folder that its neighbours on the list are in. */
function placeOf(path: string, paths: ReadonlyMap<string, string>): string {
  const known = paths.get(path);
  if (known !== undefined) return known;
  for (const [label, real] of paths)
    if (dirname(label) === dirname(path))
      return join(dirname(real), path.slice(dirname(path) === "." ? 0 : dirname(path).length + 1));
  return path;
}

/** Names of objects come from a cluster: none may lead out of the folder. */
function below(folder: string, path: string): string {
  const inside = normalize(path);
  const isOut = inside === ".." || inside.startsWith(`..${sep}`) || inside.startsWith(sep);
  return join(folder, isOut ? inside.split(sep).at(-1)! : inside);
}
