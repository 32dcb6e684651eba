import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DropscopeError, EXIT } from "@dropscope/model";
import { z } from "zod";

/** Where an opened bundle lives. */
export interface BundleFolder {
  readonly dir: string;
  /** The bundle is there already, from an earlier time. */
  readonly isLoaded: boolean;
  /** Says that everything is there. */
  loaded(): void;
  /** Removes what must not stay: everything of a bundle that was not loaded to its end, and a folder that nobody asked for. */
  leave(): void;
}

const NOTE = "incident.json";
const NoteSchema = z.object({ bundle: z.string(), state: z.enum(["loading", "loaded"]) });

/**
 * An empty folder for the bundle, or the one that holds it from before.
 * @param wanted undefined: a folder of its own that goes with the process
 * @throws DropscopeError `INCIDENT_FOLDER` for a folder that holds anything else
 */
export function bundleFolder(wanted: string | undefined, bundle: string): BundleFolder {
  if (wanted === undefined) {
    const dir = mkdtempSync(join(tmpdir(), "dropscope-incident-"));
    return {
      dir,
      isLoaded: false,
      loaded: () => undefined,
      leave: () => remove([dir]),
    };
  }
  const dir = resolve(wanted);
  const existed = existsSync(dir);
  const found = existed ? contentOf(dir) : [];
  if (found.length > 0) {
    checkNote(dir, bundle);
    return { dir, isLoaded: true, loaded: () => undefined, leave: () => undefined };
  }
  let isWhole = false;
  let isBegun = false;
  return {
    dir,
    isLoaded: false,
    loaded() {
      isWhole = true;
      writeNote(dir, { bundle, state: "loaded" });
    },
    leave() {
      if (isWhole || isBegun) return;
      isBegun = true;
      // It was empty or not there: everything in it is ours.
      if (!existed) remove([dir]);
      else remove(contentOf(dir).map((name) => join(dir, name)));
    },
  };
}

/** Says that a bundle is being loaded, so that a folder that was left in the middle is known as such. */
export function noteLoading({ dir, isLoaded }: BundleFolder, bundle: string): void {
  if (!isLoaded) writeNote(dir, { bundle, state: "loading" });
}

function contentOf(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    throw other(dir, `cannot be read as a folder (${(error as NodeJS.ErrnoException).code})`);
  }
}

function checkNote(dir: string, bundle: string): void {
  let note: z.output<typeof NoteSchema>;
  try {
    note = NoteSchema.parse(JSON.parse(readFileSync(join(dir, NOTE), "utf8")));
  } catch {
    throw other(dir, "holds something else");
  }
  if (note.state === "loading") throw other(dir, "holds a bundle that was not loaded to its end");
  if (note.bundle !== bundle) throw other(dir, "holds another bundle");
}

function other(dir: string, why: string): DropscopeError {
  return new DropscopeError("INCIDENT_FOLDER", `${dir} ${why}.`, {
    next: "Give --data an empty folder, or one that may be made; or leave it out.",
    exitCode: EXIT.config,
  });
}

function writeNote(dir: string, note: z.input<typeof NoteSchema>): void {
  writeFileSync(join(dir, NOTE), `${JSON.stringify(note)}\n`, { mode: 0o600 });
}

function remove(paths: readonly string[]): void {
  for (const path of paths)
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
