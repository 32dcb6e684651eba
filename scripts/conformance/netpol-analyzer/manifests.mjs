// The manifests of a folder, read as the command line reads them.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { mergeManifests, parseManifests } from "@dropscope/policy";

/** Everything that is written below a folder, or in one file; upstream does not look at names. */
export function loadManifests(path) {
  const files = statSync(path).isDirectory() ? [...filesBelow(path)] : [path];
  return mergeManifests(
    files.map((file) => parseManifests(readFileSync(file, "utf8"), file, { lenientNames: true })),
  );
}

function* filesBelow(dir) {
  for (const name of readdirSync(dir).toSorted()) {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) yield* filesBelow(path);
    else if (/\.(ya?ml|json)$/i.test(name)) yield path;
  }
}
