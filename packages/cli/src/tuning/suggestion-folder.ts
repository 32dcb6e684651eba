import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DropscopeError, EXIT, type SuggestionAnswer } from "@dropscope/model";
import { FOLDER_MARK, folderOf, staleFiles } from "@dropscope/tuning";
import { shown } from "../observe/paint.js";

/**
 * Writes the policies as a folder for kustomize; one that was written before is written anew, and policies of then
 * that are no longer proposed are removed.
 * @returns paths of the files, below the folder
 * @throws DropscopeError `TUNING_FOLDER` when the folder has a kustomization of somebody else, or cannot be written
 */
export function writeSuggestion(
  folder: string,
  answer: SuggestionAnswer,
): { readonly written: string[]; readonly removed: string[] } {
  const files = folderOf(answer);
  const before = textOf(join(folder, "kustomization.yaml"));
  if (before !== undefined && !before.startsWith(FOLDER_MARK))
    throw new DropscopeError(
      "TUNING_FOLDER",
      `${shown(folder)} has a kustomization.yaml that was written by somebody else.`,
      { next: "Name a folder of its own with --out.", exitCode: EXIT.badInput },
    );
  const removed = staleFiles(before ?? "", files);
  try {
    for (const { path, text } of files) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    for (const path of removed) rmSync(join(folder, path), { force: true });
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new DropscopeError("TUNING_FOLDER", `${shown(folder)} cannot be written (${code}).`, {
      next: "Name a folder that can be written with --out.",
      exitCode: code === "EACCES" || code === "EPERM" ? EXIT.noPermission : EXIT.ioError,
      cause: error,
    });
  }
  return { written: files.map(({ path }) => path), removed };
}

/** Undefined when there is no such file. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
