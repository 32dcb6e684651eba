import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { PolicyFile } from "./engine.js";
import { WORLD_FILE } from "./yaml.js";

/** What somebody did to the folder since the last look. */
export interface FolderEdits {
  /** Files that were written, with what they say now. */
  readonly written: readonly PolicyFile[];
  /** Names of files that are gone. */
  readonly removed: readonly string[];
}

/** Sees a folder change, whoever changes it. */
export interface FolderEyes {
  look(): FolderEdits;
}

/** Larger files are no policies. */
const MAX_BYTES = 1024 * 1024;
const NOTHING: FolderEdits = { written: [], removed: [] };

/** @param dir a folder that exists when it is first looked at; while it cannot be read nothing has changed */
export function createFolderEyes(dir: string): FolderEyes {
  let stamps = new Map<string, string>();
  return {
    look() {
      const now = stampsOf(dir);
      if (now === undefined) return NOTHING;
      const written: PolicyFile[] = [];
      for (const [name, stamp] of now) {
        if (stamps.get(name) === stamp) continue;
        const text = textOf(join(dir, name));
        // Gone or locked in between: the next look tries again.
        if (text === undefined) now.delete(name);
        else written.push({ name, text });
      }
      const removed = [...stamps.keys()].filter((name) => !now.has(name));
      stamps = now;
      return { written, removed };
    },
  };
}

/** Name → what changes whenever the file may have. Undefined when the folder cannot be read. */
function stampsOf(dir: string): Map<string, string> | undefined {
  const found = new Map<string, string>();
  let names: string[];
  try {
    names = readdirSync(dir, { recursive: true, encoding: "utf8" }).sort();
  } catch {
    return undefined;
  }
  for (const name of names) {
    if (name === WORLD_FILE || !isPolicyFile(name)) continue;
    try {
      const { ino, size, mtimeMs } = statSync(join(dir, name));
      if (size <= MAX_BYTES) found.set(name, `${ino}:${size}:${mtimeMs}`);
    } catch {
      // Gone since the folder was listed.
    }
  }
  return found;
}

/** As the catalog reads folders: hidden ones are passed over. */
function isPolicyFile(name: string): boolean {
  return /\.(ya?ml|json)$/.test(name) && name.split(/[/\\]/).every((part) => !part.startsWith("."));
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
