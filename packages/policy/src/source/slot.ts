import type { Place } from "../place.js";
import type { Lines } from "./lines.js";
import { childPath, pathSteps, type Step } from "./path.js";
import { isRecord } from "./record.js";
import type { Offsets, Tree } from "./tree.js";

/** The file that a tree was read from. */
export interface Origin {
  readonly file: string;
  readonly lines: Lines;
  readonly offsets: Offsets;
}

/** A value within an object, which knows its path and can say where it stands. */
export interface Slot {
  readonly value: unknown;
  readonly path: string;
  /** Offset of its key (of a list's item: of the item) in the file. */
  readonly offset: number;
  readonly origin: Origin;
}

export function rootSlot(tree: Tree, file: string, lines: Lines): Slot {
  return {
    value: tree.value,
    path: "",
    offset: tree.start,
    origin: { file, lines, offsets: tree.offsets },
  };
}

/** The same value as the root of an object of its own: an item of a List. */
export function detached(slot: Slot): Slot {
  return { ...slot, path: "" };
}

/** The child, whose value is undefined when it is not written; it then stands where its parent does. */
export function child(slot: Slot, step: Step): Slot {
  const { value, origin } = slot;
  const path = childPath(slot.path, step);
  if (typeof value !== "object" || value === null)
    return { value: undefined, path, offset: slot.offset, origin };
  const found = (value as Record<Step, unknown>)[step];
  const offsets = origin.offsets.get(value) as Record<Step, number> | undefined;
  return { value: found, path, offset: offsets?.[step] ?? slot.offset, origin };
}

export function items(slot: Slot): Slot[] {
  return Array.isArray(slot.value) ? slot.value.map((_, index) => child(slot, index)) : [];
}

export function entries(slot: Slot): [key: string, child: Slot][] {
  return isRecord(slot.value) ? Object.keys(slot.value).map((key) => [key, child(slot, key)]) : [];
}

export function placeOf({ origin, offset, path }: Slot): Place {
  return { file: origin.file, ...origin.lines.at(offset), path };
}

/** The slot at a path, or its nearest parent that is written. */
export function find(root: Slot, path: string): Slot {
  let slot = root;
  for (const step of pathSteps(path)) {
    const next = child(slot, step);
    if (next.value === undefined) break;
    slot = next;
  }
  return slot;
}
