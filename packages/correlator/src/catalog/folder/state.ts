import { readFileSync } from "node:fs";
import {
  mergeManifests,
  parseManifests,
  type ManifestProblem,
  type ParseOptions,
} from "@dropscope/policy";
import { meaningOf } from "../meaning.js";
import { catalogObjects, keyOf } from "../objects.js";
import { CATALOG_KINDS, type Observed, type SourceChange } from "../source.js";
import { keepLastGood, sourceName, type GoodFile } from "./read.js";
import type { FoundFile, Scan } from "./scan.js";

/** Larger files are no manifests; the parser refuses what is over its own, lower bound. */
const MAX_BYTES = 16 * 1024 * 1024;

/** What the files said when they were last read, and what that changed. */
export interface FolderState {
  /**
   * Reads what changed since the last scan.
   * @param now ms since 1970; `since`: the scan before, nothing older is new
   */
  take(scan: Scan, now: number, since: number): SourceChange[];
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
  readonly stamp: string;
  readonly changed: number;
}

interface KnownObject {
  readonly observed: Observed;
  readonly meaning: string;
}

const NOTHING: GoodFile = { manifests: mergeManifests([]), kept: [] };

export function createFolderState(options: ParseOptions = {}): FolderState {
  const files = new Map<string, KnownFile>();
  let objects = new Map<string, KnownObject>();
  let problems: readonly ManifestProblem[] = [];
  let unread: string[] = [];

  const read = (path: string, found: FoundFile): void => {
    const before = files.get(path);
    const { stamp, changed } = found;
    if (found.size > MAX_BYTES) {
      files.set(path, { ...(before ?? NOTHING), stamp, changed, kept: ["it is too large"] });
      return;
    }
    try {
      const manifests = parseManifests(readFileSync(path, "utf8"), path, options);
      files.set(path, { ...keepLastGood(before, manifests), stamp, changed });
    } catch (error) {
      // Without a stamp it is read again at the next look.
      unread.push(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
      if (before !== undefined) files.set(path, { ...before, stamp: "" });
    }
  };

  const merged = (): Map<string, KnownObject> => {
    const ordered = [...files].sort(([left], [right]) => (left < right ? -1 : 1));
    const manifests = mergeManifests(ordered.map(([, file]) => file.manifests));
    ({ problems } = manifests);
    const texts = new Map(
      manifests.sources.map((source) => [
        sourceName(source),
        source.text.slice(source.range[0], source.range[1]).trim(),
      ]),
    );
    const changedAt = new Map([...files].map(([path, { changed }]) => [path, changed]));
    return new Map(
      catalogObjects(manifests).map((object) => {
        const place = Array.isArray(object.value) ? object.value[0]?.place : placeOf(object.value);
        const changed = changedAt.get(place?.file ?? "");
        const text = object.kind === "Pod" ? undefined : texts.get(keyOf(object));
        const observed: Observed = {
          object,
          ...(changed === undefined ? {} : { changed }),
          ...(text === undefined ? {} : { manifest: `${text}\n` }),
        };
        return [keyOf(object), { observed, meaning: meaningOf(object) }];
      }),
    );
  };

  return {
    take: (scan, now, since) => {
      unread = [];
      // A folder that is not there (an unmounted volume) says nothing about its files.
      if (scan.trouble === "")
        for (const path of files.keys()) if (!scan.files.has(path)) files.delete(path);
      for (const [path, found] of scan.files)
        if (files.get(path)?.stamp !== found.stamp) read(path, found);
      const before = objects;
      objects = merged();
      const changes: SourceChange[] = [];
      for (const [key, { observed }] of before)
        if (!objects.has(key)) changes.push({ type: "delete", at: now, id: observed.object });
      for (const [key, { observed, meaning }] of objects) {
        if (before.get(key)?.meaning === meaning) continue;
        const { changed } = observed;
        const at = changed !== undefined && changed > since && changed < now ? changed : now;
        changes.push({ type: "set", at, observed });
      }
      return changes;
    },
    lists: (at) =>
      CATALOG_KINDS.map((kind) => ({
        type: "list",
        at,
        kind,
        objects: [...objects.values()].flatMap(({ observed }) =>
          observed.object.kind === kind ? [observed] : [],
        ),
      })),
    problems: () => problems,
    kept: () => [
      ...unread,
      ...[...files].flatMap(([path, { kept }]) =>
        kept.length === 0
          ? []
          : [
              `${path} does not parse; its last good version counts (${kept.slice(0, 3).join(", ")}).`,
            ],
      ),
    ],
    hasUnread: () => unread.length > 0,
    count: (kind) =>
      [...objects.values()].filter(({ observed }) => observed.object.kind === kind).length,
  };
}

function placeOf(value: object): { readonly file: string } | undefined {
  return "place" in value ? (value.place as { readonly file: string } | undefined) : undefined;
}
