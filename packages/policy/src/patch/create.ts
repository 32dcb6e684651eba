import type { SourceObject } from "../objects.js";
import { editText } from "./edit-text.js";
import { same } from "./equal.js";
import { objectText, parseRoot } from "./locate.js";
import { applyOperations } from "./operations.js";
import type { Patch, PatchOperation, TextEdit } from "./patch.js";

/**
 * The operations as a change of the text that the object is written in. The
 * changed text is read again: when it does not mean exactly what the operations
 * say, there is no patch.
 * @returns undefined as well when a path does not exist or is written with aliases
 */
export function createPatch(
  source: SourceObject,
  operations: readonly PatchOperation[],
): Patch | undefined {
  const wanted = applyOperations(source.value, operations);
  const object = wanted && objectText(source);
  if (!object) return undefined;
  let text: string | undefined = object.text;
  for (const [index, operation] of operations.entries()) {
    text = editText(text, operation, index === 0 ? object.root : undefined);
    if (text === undefined) return undefined;
  }
  if (!same(parseRoot(text)?.toJSON(), wanted.value)) return undefined;
  const edit = difference(object.text, text);
  // What is in front of the object's first character stands for text that is not its own.
  if (edit.start < object.pad) return undefined;
  const shift = object.start - object.pad;
  return {
    operations,
    file: source.placeOf("").file,
    edit: { ...edit, start: edit.start + shift, end: edit.end + shift },
  };
}

/** The one stretch in which two texts differ, without half of a line break or character. */
function difference(before: string, after: string): TextEdit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let tail = 0;
  while (
    tail < shorter - start &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail++;
  // Whole lines read better than what happens to be equal at their ends.
  const lineStart = before.lastIndexOf("\n", start - 1) + 1;
  const blank = before.slice(lineStart, start).trim() === "";
  const back = blank ? start - lineStart : 0;
  return {
    start: start - back,
    end: before.length - tail,
    replacement: after.slice(start - back, after.length - tail),
  };
}
