import type { SourceObject } from "../objects.js";
import { readTree, type SourceDocument } from "./documents.js";
import type { Lines } from "./lines.js";
import type { DocumentRange } from "./split.js";
import { isRecord } from "./record.js";
import { child, detached, find, items, placeOf, rootSlot, type Slot } from "./slot.js";

/** An object as it stands in a document, not yet known to be of any kind. */
export interface RawObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly root: Slot;
  readonly document: SourceDocument;
  /** Path of the object within its document: `items[3]` in a List. */
  readonly within: string;
}

/** Lists within lists; kubectl writes one level. */
const MAX_LISTS = 3;

/** The objects of a document: itself, or what a `List` (`NetworkPolicyList`, …) holds. */
export function* objectsOf(
  document: SourceDocument,
  slot: Slot = document.root,
  depth = 0,
): Generator<RawObject> {
  const apiVersion = text(child(slot, "apiVersion").value);
  const kind = text(child(slot, "kind").value);
  const list = child(slot, "items");
  if (Array.isArray(list.value) && (kind === "" || kind.endsWith("List")) && depth < MAX_LISTS) {
    const itemKind = kind.slice(0, -"List".length);
    for (const item of items(list))
      for (const object of objectsOf(document, item, depth + 1))
        // The items of a typed list may leave out what the list says.
        yield object.kind === "" && itemKind !== ""
          ? { ...object, kind: itemKind, apiVersion: object.apiVersion || apiVersion }
          : object;
    return;
  }
  yield { apiVersion, kind, root: detached(slot), document, within: slot.path };
}

/** Reads a document of a file once more, for its positions. */
export type Reread = (range: DocumentRange) => Slot;

/**
 * Positions of everything in every document would take more memory than the
 * objects; they are asked for a few times, and one object after the other. So
 * only those of the last document that was asked for are kept.
 */
export function createReread(text: string, file: string, lines: Lines): Reread {
  let last: { readonly range: DocumentRange; readonly root: Slot } | undefined;
  return (range) => {
    if (last?.range !== range)
      last = { range, root: rootSlot(readTree(text, range)!, file, lines) };
    return last.root;
  };
}

/** The object for those who look at the text. Keeps nothing of the tree but the value. */
export function sourceObject(
  raw: RawObject,
  text: string,
  object: { readonly namespace: string; readonly name: string },
  reread: Reread,
): SourceObject {
  const { apiVersion, kind, within } = raw;
  const { range } = raw.document;
  const { value } = raw.root;
  const start = placeOf(raw.root);
  return {
    apiVersion,
    kind,
    ...object,
    value: isRecord(value) ? value : {},
    placeOf: (path) =>
      path === "" ? start : placeOf(find(detached(find(reread(range), within)), path)),
    text,
    range: [range.start, range.end],
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
