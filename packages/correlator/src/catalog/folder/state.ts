import { readFileSync } from "node:fs";
import {
  mergeManifests,
  parseManifests,
  type ManifestProblem,
  type ParseOptions,
} from "@dropscope/policy";
import { CATALOG_KINDS, type PastChange, type SourceChange } from "../source.js";
import { keepLastGood, type GoodFile } from "./read.js";
import type { FoundFile, Scan } from "./scan.js";
import { changesBetween, snapshotOf, type Snapshot } from "./snapshot.js";

/** Larger files are no manifests; the parser refuses what is over its own, lower bound. */
const MAX_BYTES = 16 * 1024 * 1024;

/** What the files said when they were last read, and what that changed. */
export interface FolderState {
  /**
   * Reads what changed since the last scan.
   * @param now ms since 1970; `since`: the scan before, nothing older is new
   */
  take(scan: Scan, now: number, since: number): PastChange[];
  /** All objects there are, for the first list. */
  lists(now: number): SourceChange[];
  problems(): readonly ManifestProblem[];
  /** One sentence for each file whose last good version counts. */
  kept(): readonly string[];
  /** Some file could not be read at all and should be tried again. */
  hasUnread(): boolean;
  count(kind: string): number;
}

interface KnownFile extends GoodFile {
  /** As sentences name it. */
  readonly label: string;
  readonly stamp: string;
  readonly changed: number;
}

const NOTHING: GoodFile = { manifests: mergeManifests([]), kept: [] };

/** @param labelOf how sentences name a file */
export function createFolderState(
  options: ParseOptions = {},
  labelOf: (path: string) => string = (path) => path,
): FolderState {
  const files = new Map<string, KnownFile>();
  let objects: Snapshot = new Map();
  let problems: readonly ManifestProblem[] = [];
  let unread: string[] = [];

  const read = (path: string, found: FoundFile): void => {
    const before = files.get(path);
    const { stamp, changed } = found;
    const label = labelOf(path);
    if (found.size > MAX_BYTES) {
      const kept = ["it is too large"];
      files.set(path, { ...(before ?? NOTHING), label, stamp, changed, kept });
      return;
    }
    try {
      const manifests = parseManifests(readFileSync(path, "utf8"), label, options);
      files.set(path, { ...keepLastGood(before, manifests), label, stamp, changed });
    } catch (error) {
      // Without a stamp it is read again at the next look.
      unread.push(`${label} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
      if (before !== undefined) files.set(path, { ...before, stamp: "" });
    }
  };

  const take = (scan: Scan): void => {
    unread = [];
    // A folder that is not there (an unmounted volume) says nothing about its files.
    if (scan.trouble === "")
      for (const path of files.keys()) if (!scan.files.has(path)) files.delete(path);
    for (const [path, found] of scan.files)
      if (files.get(path)?.stamp !== found.stamp) read(path, found);
    const ordered = [...files].sort(([left], [right]) => (left < right ? -1 : 1));
    ({ objects, problems } = snapshotOf(ordered.map(([, file]) => file.manifests)));
  };

  /** When the files changed, by what an object says of its place. */
  const times = (): Map<string, number> =>
    new Map([...files.values()].map(({ label, changed }) => [label, changed]));

  return {
    take: (scan, now, since) => {
      const before = objects;
      take(scan);
      const changedAt = times();
      const setAt = (file: string): number => {
        const changed = changedAt.get(file) ?? now;
        return changed > since && changed < now ? changed : now;
      };
      return changesBetween(before, objects, setAt, now);
    },
    lists: (at) => {
      const changedAt = times();
      return CATALOG_KINDS.map((kind) => ({
        type: "list",
        at,
        kind,
        objects: [...objects.values()].flatMap(({ observed, file }) => {
          if (observed.object.kind !== kind) return [];
          const changed = changedAt.get(file);
          return [changed === undefined ? observed : { ...observed, changed }];
        }),
      }));
    },
    problems: () => problems,
    kept: () => [
      ...unread,
      ...[...files.values()].flatMap(({ label, kept }) =>
        kept.length === 0
          ? []
          : [
              `${label} does not parse; its last good version counts (${kept.slice(0, 3).join(", ")}).`,
            ],
      ),
    ],
    hasUnread: () => unread.length > 0,
    count: (kind) => {
      let found = 0;
      for (const { observed } of objects.values()) if (observed.object.kind === kind) found += 1;
      return found;
    },
  };
}
