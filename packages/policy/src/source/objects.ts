import type { SourceObject } from "../objects.js";
import type { Place } from "../place.js";
import { readTree, type SourceDocument } from "./documents.js";
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

/** The object for those who look at the text; positions are found by reading the document again, on demand. */
export function sourceObject(
  raw: RawObject,
  text: string,
  object: { readonly namespace: string; readonly name: string },
): SourceObject {
  const { range, root } = raw.document;
  const { file, lines } = root.origin;
  let again: Slot | undefined;
  const start = placeOf(raw.root);
  const locate = (path: string): Place => {
    if (path === "") return start;
    if (!again) {
      const tree = readTree(text, range)!;
      again = detached(find(rootSlot(tree, file, lines), raw.within));
    }
    return placeOf(find(again, path));
  };
  return {
    apiVersion: raw.apiVersion,
    kind: raw.kind,
    ...object,
    value: isRecord(raw.root.value) ? raw.root.value : {},
    placeOf: locate,
    text,
    range: [range.start, range.end],
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
