import { createReadStream, readdirSync, realpathSync, statSync, type Stats } from "node:fs";
import { join } from "node:path";
import { DropscopeError, EXIT } from "@dropscope/model";
import { shown } from "../../observe/paint.js";

/** What is larger is no manifest, and would not fit into memory once it is parsed. */
const MAX_BYTES = 256 << 20;

export interface ManifestFile {
  /** As answers name it; `-` for standard input. */
  readonly path: string;
  readonly text: string;
}

/**
 * Reads YAML and JSON from files, folders (with what is below them) and `-`. Hidden names and
 * node_modules are passed over; a file that is named counts whatever its name is, a pipe too.
 * The files of one folder come in the order of their names.
 * @throws DropscopeError `POLICY_FILE` for what is not there or cannot be read
 */
export async function readManifestFiles(paths: readonly string[]): Promise<ManifestFile[]> {
  const files: ManifestFile[] = [];
  const seen = new Set<string>();
  for (const path of paths)
    for (const file of path === "-" ? ["-"] : filesUnder(path)) {
      // A folder and a file in it may both be named; an object must not count twice.
      const real = file === "-" ? "-" : realpathSync(file);
      if (seen.has(real)) continue;
      seen.add(real);
      files.push({ path: file, text: await readText(file) });
    }
  return files;
}

function filesUnder(path: string): string[] {
  const stats = attempt(path, () => statSync(path));
  return stats.isDirectory() ? [...walk(path, new Set())] : [path];
}

/** @param above real paths of the folders on the way, since a link may lead back to one of them */
function* walk(folder: string, above: ReadonlySet<string>): Generator<string> {
  const real = attempt(folder, () => realpathSync(folder));
  if (above.has(real)) return;
  const inside = new Set([...above, real]);
  const names = attempt(folder, () => readdirSync(folder)).sort();
  for (const name of names) {
    if (name.startsWith(".") || name === "node_modules") continue;
    const path = join(folder, name);
    const stats = statOrNothing(path);
    if (stats?.isDirectory()) yield* walk(path, inside);
    else if (stats?.isFile() && /\.(ya?ml|json)$/i.test(name)) yield path;
  }
}

/** A link may point nowhere, and a file may vanish while its folder is read: both are passed over. */
function statOrNothing(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

async function readText(path: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of path === "-" ? process.stdin : createReadStream(path)) {
      bytes += (chunk as Buffer).length;
      if (bytes > MAX_BYTES)
        throw new DropscopeError("POLICY_FILE", `${shown(path)} is larger than 256 MiB.`, {
          next: "Name only the files that hold manifests.",
          exitCode: EXIT.badInput,
        });
      text += decoder.decode(chunk as Buffer, { stream: true });
    }
  } catch (error) {
    throw error instanceof DropscopeError ? error : unreadable(path, error);
  }
  return text + decoder.decode();
}

function attempt<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): DropscopeError {
  const { code = "" } = error as NodeJS.ErrnoException;
  const missing = code === "ENOENT" || code === "ENOTDIR";
  const denied = code === "EACCES" || code === "EPERM";
  const name = shown(path);
  return new DropscopeError(
    "POLICY_FILE",
    missing ? `There is no ${name}.` : `${name} cannot be read (${code || "unknown error"}).`,
    {
      next: missing
        ? "Name a folder of YAML or JSON, a file, or - for standard input."
        : "Correct its rights, or name what can be read.",
      exitCode: missing ? EXIT.noInput : denied ? EXIT.noPermission : EXIT.ioError,
    },
  );
}
