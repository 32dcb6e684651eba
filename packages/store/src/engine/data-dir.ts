import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DropscopeError, EXIT } from "@dropscope/model";

/**
 * Makes sure that a folder is there and can be written.
 * @throws DropscopeError `DATA_NOT_A_DIRECTORY`, `DATA_NO_PERMISSION`, `DISK_FULL`.
 */
export function prepareDataDir(dir: string): void {
  try {
    makeDir(resolve(dir));
    if (!statSync(dir).isDirectory()) throw Object.assign(new Error(), { code: "ENOTDIR" });
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw dataDirError(dir, error);
  }
}

/** Step by step: Node's own recursive way never comes back where a parent refuses with ENOENT (`/proc/x`). */
function makeDir(dir: string): void {
  if (existsSync(dir)) return;
  const parent = dirname(dir);
  if (parent !== dir) makeDir(parent);
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** What a failure to write into the folder means to its owner. */
export function dataDirError(dir: string, error: unknown): DropscopeError {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code === "ENOTDIR" || code === "EEXIST")
    return new DropscopeError("DATA_NOT_A_DIRECTORY", `${dir} is not a folder`, {
      next: "Give --data the path of a folder, or of one that may be made.",
      exitCode: EXIT.config,
      cause: error,
    });
  if (code === "ENOSPC" || code === "EDQUOT")
    return new DropscopeError("DISK_FULL", `no space is left for ${dir}`, {
      next: "Free space on that disk, or give --data a folder on another one.",
      exitCode: EXIT.ioError,
      cause: error,
    });
  return new DropscopeError("DATA_NO_PERMISSION", `${dir} cannot be written (${code})`, {
    next: "Give this user rights on the folder, or choose another one with --data.",
    exitCode: EXIT.noPermission,
    cause: error,
  });
}
