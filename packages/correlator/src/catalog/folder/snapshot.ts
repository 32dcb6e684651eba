import {
  type CatalogObject,
  mergeManifests,
  type ManifestProblem,
  type Manifests,
} from "@dropscope/policy";
import { meaningOf } from "../meaning.js";
import { catalogObjects, keyOf } from "../objects.js";
import type { Observed, PastChange } from "../source.js";
import { sourceName } from "./read.js";

/** The objects of all files at one moment, by key. */
export type Snapshot = ReadonlyMap<string, KnownObject>;

export interface KnownObject {
  readonly observed: Observed;
  readonly meaning: string;
  /** The file that it stands in. */
  readonly file: string;
}

/** Files together, as one cluster would hold them; in the order of their paths. */
export function snapshotOf(files: readonly Manifests[]): {
  readonly objects: Snapshot;
  readonly problems: readonly ManifestProblem[];
} {
  const manifests = mergeManifests(files);
  const texts = new Map(
    manifests.sources.map((source) => [
      sourceName(source),
      source.text.slice(source.range[0], source.range[1]).trim(),
    ]),
  );
  const objects = new Map<string, KnownObject>();
  for (const object of catalogObjects(manifests)) {
    const key = keyOf(object);
    const text = object.kind === "Pod" ? undefined : texts.get(key);
    objects.set(key, {
      observed: { object, ...(text === undefined ? {} : { manifest: `${text}\n` }) },
      meaning: knownMeaning(object),
      file: fileOf(object.value),
    });
  }
  return { objects, problems: manifests.problems };
}

interface Known {
  readonly parts: readonly object[];
  readonly meaning: string;
}

/** Of one commit to the next nearly everything stays as it was parsed. */
const meanings = new WeakMap<object, Known>();

function knownMeaning(object: CatalogObject): string {
  const parts: readonly object[] = Array.isArray(object.value) ? object.value : [object.value];
  const [first] = parts as [object];
  const known = meanings.get(first);
  if (known?.parts.length === parts.length && known.parts.every((part, i) => part === parts[i]))
    return known.meaning;
  const meaning = meaningOf(object);
  meanings.set(first, { parts, meaning });
  return meaning;
}

/** @param setAt when an object of a file changed; `goneAt`: when others went away */
export function changesBetween(
  before: Snapshot,
  after: Snapshot,
  setAt: (file: string) => number,
  goneAt: number,
): PastChange[] {
  const changes: PastChange[] = [];
  for (const [key, { observed }] of before)
    if (!after.has(key)) changes.push({ type: "delete", at: goneAt, id: observed.object });
  for (const [key, { observed, meaning, file }] of after)
    if (before.get(key)?.meaning !== meaning)
      changes.push({ type: "set", at: setAt(file), observed });
  return changes;
}

function fileOf(value: object | readonly object[]): string {
  const [one = value] = Array.isArray(value) ? (value as readonly object[]) : [value];
  return "place" in one ? (one.place as { readonly file: string }).file : "";
}
