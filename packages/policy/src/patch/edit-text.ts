import { isMap, isSeq, type ParsedNode } from "yaml";
import { type Collection, lineEnd, lineStart, locate, parseRoot, type Spot } from "./locate.js";
import type { PatchOperation, TextEdit } from "./patch.js";
import {
  column,
  contentEnd,
  isBlock,
  renderBlock,
  renderFlow,
  type Style,
  styleOf,
} from "./render.js";

/**
 * The text of an object after one operation; comments and layout of what the
 * operation does not touch stay.
 * @param root what the text was parsed to, when that is known
 * @returns undefined when the place cannot be edited
 */
export function editText(
  text: string,
  operation: PatchOperation,
  root: Collection | undefined = parseRoot(text),
): string | undefined {
  const spot = root && locate(root, operation.op === "move" ? operation.from : operation.path);
  if (!spot) return undefined;
  const style = styleOf(root, text);
  const key = operation.path.at(-1)!;
  const edit = editOf(text, spot, key, operation, style);
  if (!edit) return undefined;
  const replacement = text.includes("\r\n")
    ? edit.replacement.replaceAll(/\r?\n/g, "\r\n")
    : edit.replacement;
  return text.slice(0, edit.start) + replacement + text.slice(edit.end);
}

function editOf(
  text: string,
  spot: Spot,
  key: string | number,
  operation: PatchOperation,
  style: Style,
): TextEdit | undefined {
  if (operation.op === "remove") return removal(text, spot, style);
  if (operation.op === "move") return renaming(spot, key, style);
  const { value } = operation;
  if (operation.op === "replace" || spot.pair) return replacement(text, spot, value, style);
  const { parent } = spot;
  const added = isMap(parent) ? { [key]: value } : [value];
  return parent.flow || parent.items.length === 0
    ? flowInsertion(text, parent, spot, added, style)
    : blockInsertion(text, parent, spot, added, style);
}

function blockInsertion(
  text: string,
  parent: Collection,
  spot: Spot,
  added: unknown,
  style: Style,
): TextEdit | undefined {
  const start = startOf(text, parent, 0);
  const block = renderBlock(added, column(text, start), style);
  if (isSeq(parent) && spot.index < parent.items.length) {
    const next = startOf(text, parent, spot.index);
    // The first item of a list within a list shares its line with the outer dash.
    const fresh = text.slice(lineStart(text, next), next).trim() === "";
    return fresh
      ? { start: lineStart(text, next), end: lineStart(text, next), replacement: block }
      : {
          start: next,
          end: next,
          replacement: `${block.trimStart()}${" ".repeat(column(text, next))}`,
        };
  }
  const end = contentEnd(parent);
  if (end === undefined) return undefined;
  const at = lineEnd(text, end);
  return at > 0 && text[at - 1] !== "\n"
    ? { start: at, end: at, replacement: `\n${block.trimEnd()}` }
    : { start: at, end: at, replacement: block };
}

function flowInsertion(
  text: string,
  parent: Collection,
  spot: Spot,
  added: unknown,
  style: Style,
): TextEdit | undefined {
  // `{a: 1}` without its brackets is the entry alone.
  const padded = text[parent.range[0] + 1] === " ";
  const entry = renderFlow(added, style, padded).slice(1, -1).trim();
  const close = parent.range[1] - 1;
  const { items } = parent;
  if (items.length === 0) return { start: parent.range[0] + 1, end: close, replacement: entry };
  const first = startOf(text, parent, 0);
  const between = text.slice(parent.range[0] + 1, first).includes("\n")
    ? `,\n${" ".repeat(column(text, first))}`
    : ", ";
  if (isSeq(parent) && spot.index < items.length) {
    const at = startOf(text, parent, spot.index);
    return { start: at, end: at, replacement: `${entry}${between}` };
  }
  const end = endOf(parent, items.length - 1);
  return end === undefined ? undefined : { start: end, end, replacement: `${between}${entry}` };
}

function replacement(text: string, spot: Spot, value: unknown, style: Style): TextEdit | undefined {
  const { parent, pair, node, index } = spot;
  const end = endOf(parent, index);
  if (end === undefined) return undefined;
  if (parent.flow || style.json) {
    const start = node?.range[0];
    return start === undefined ? undefined : { start, end, replacement: renderFlow(value, style) };
  }
  // Everything behind the colon or the dash is replaced, so that a block may become a word and the reverse.
  const start = pair ? text.indexOf(":", pair.key.range[1]) + 1 : startOf(text, parent, index) + 1;
  if (start === 0) return undefined;
  const stop = text[end - 1] === "\n" ? end - 1 : end;
  if (!isBlock(value)) return { start, end: stop, replacement: ` ${renderFlow(value, style)}` };
  const at = column(text, pair ? pair.key.range[0] : startOf(text, parent, index));
  const deeper = Array.isArray(value) && pair && !style.indentLists ? at : at + style.indent;
  const block = renderBlock(value, pair ? deeper : at + 2, style).trimEnd();
  return { start, end: stop, replacement: pair ? `\n${block}` : ` ${block.trimStart()}` };
}

function removal(text: string, spot: Spot, style: Style): TextEdit | undefined {
  const { parent, index } = spot;
  const { items } = parent;
  const start = index < 0 ? undefined : startOf(text, parent, index);
  const end = index < 0 ? undefined : endOf(parent, index);
  if (start === undefined || end === undefined) return undefined;
  if (items.length === 1) return emptied(text, parent, style);
  if (parent.flow) {
    if (index + 1 < items.length)
      return { start, end: startOf(text, parent, index + 1), replacement: "" };
    const before = endOf(parent, index - 1);
    return before === undefined ? undefined : { start: before, end, replacement: "" };
  }
  const line = lineStart(text, start);
  if (text.slice(line, start).trim() === "")
    return { start: line, end: lineEnd(text, end), replacement: "" };
  // It shares its line with the dash of an outer list: the next one moves up.
  return { start, end: startOf(text, parent, index + 1), replacement: "" };
}

function renaming({ pair }: Spot, key: string | number, style: Style): TextEdit | undefined {
  if (!pair) return undefined;
  const [start, end] = pair.key.range;
  return { start, end, replacement: renderFlow(String(key), style) };
}

/** A collection that loses its only entry stays, empty. */
function emptied(text: string, parent: Collection, style: Style): TextEdit | undefined {
  const empty = isMap(parent) ? "{}" : "[]";
  const end = contentEnd(parent);
  if (end === undefined) return undefined;
  if (parent.flow || style.json) return { start: parent.range[0], end, replacement: empty };
  // From behind the colon or dash that it belongs to, over comments between.
  const first = startOf(text, parent, 0);
  const start = ownerEnd(text, first);
  if (start === undefined) return undefined;
  const stop = text[end - 1] === "\n" ? end - 1 : end;
  const between = text.slice(start, first).trimEnd();
  return { start, end: stop, replacement: ` ${empty}${between}` };
}

/** Behind the colon or dash that what starts at `at` belongs to. */
function ownerEnd(text: string, at: number): number | undefined {
  for (let line = lineStart(text, at), end = at; ; end = line - 1, line = lineStart(text, end)) {
    const written = text.slice(line, end);
    const comment = written.search(/(^|\s)#/);
    const before = (comment < 0 ? written : written.slice(0, comment)).trimEnd();
    if (/[:-]$/.test(before)) return line + before.length;
    if (before.trim() !== "" || line === 0) return undefined;
  }
}

/** Where an entry starts: a map's at its key, a block list's at its dash. */
function startOf(text: string, parent: Collection, index: number): number {
  const item: unknown = parent.items[index];
  if (isMap(parent)) return (item as { key: ParsedNode }).key.range[0];
  const at = (item as ParsedNode).range[0];
  return parent.flow ? at : text.lastIndexOf("-", at - 1);
}

function endOf(parent: Collection, index: number): number | undefined {
  const item: unknown = parent.items[index];
  if (!isMap(parent)) return contentEnd(item as ParsedNode);
  const { key, value } = item as { key: ParsedNode; value: ParsedNode | null };
  return contentEnd(value) ?? contentEnd(key);
}
