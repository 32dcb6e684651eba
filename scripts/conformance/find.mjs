// Finds corpora: the folder's name says the format; a folder that was named by hand
// and is called something else is known by the files in it.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";

/** Format by how the folder's name begins. Longer suffixes (`-anp`, `-2`) are variants of the same layout. */
const FORMATS = ["cyclonus", "cilium-engine", "netpol-analyzer", "ahmetb-recipes"];
const MAX_DEPTH = 6;

/** Every corpus at or below the folder, in the order of the paths: `{format, name, dir}`. */
export function findCorpora(dir) {
  const top = resolve(dir);
  if (!existsSync(top) || !statSync(top).isDirectory()) return [];
  const format = formatByName(top) ?? formatByContent(top);
  if (format !== undefined) return [{ format, name: basename(top), dir: top }];
  return below(top, 0);
}

function below(dir, depth) {
  if (depth >= MAX_DEPTH) return [];
  const folders = readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => join(dir, entry.name))
    .filter((path) => existsSync(path) && statSync(path).isDirectory())
    .toSorted();
  return folders.flatMap((path) => {
    const format = formatByName(path);
    return format === undefined
      ? below(path, depth + 1)
      : [{ format, name: basename(path), dir: path }];
  });
}

function formatByName(dir) {
  return FORMATS.find((format) => basename(dir).startsWith(format));
}

function formatByContent(dir) {
  const has = (name) => existsSync(join(dir, name));
  if (has("cases.jsonl")) return "cyclonus";
  if (has("verdicts.jsonl") && has("universes.json")) return "cilium-engine";
  if (!has("index.json")) return undefined;
  try {
    const index = JSON.parse(readFileSync(join(dir, "index.json"), "utf8"));
    if (Array.isArray(index.recipes)) return "ahmetb-recipes";
    return Array.isArray(index.cases) ? "netpol-analyzer" : undefined;
  } catch {
    return undefined;
  }
}
