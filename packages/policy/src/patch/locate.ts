import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type ParsedNode,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { SourceObject } from "../objects.js";
import { same } from "./equal.js";
import { column } from "./render.js";

/** The text of one object alone: a document, or an item of a List cut out of it with its indentation. */
export interface ObjectText {
  readonly text: string;
  /** Where the text starts in the file. */
  readonly start: number;
  /** Spaces that stand for what is in front of the object in its first line (`- ` of a list). */
  readonly pad: number;
  readonly root: Collection;
}

/** What is larger is no policy, and reading it again for each patch would take too long. */
const MAX_TEXT = 1 << 17;

/**
 * Found without reading the whole document, which may be a List of thousands.
 * @returns undefined when the text does not mean just the object
 */
export function objectText(source: SourceObject): ObjectText | undefined {
  const place = source.placeOf("");
  const dash = offsetOf(source.text, place.line, place.column);
  if (dash < source.range[0] || dash >= source.range[1]) return undefined;
  // The place of a list's item may be that of its dash.
  const start = dash + (/^- *(?=\S)/.exec(source.text.slice(dash, dash + 20))?.[0].length ?? 0);
  const flow = "{[".includes(source.text[start] ?? " ");
  const pad = flow ? 0 : column(source.text, start);
  const end = flow ? flowEnd(source.text, start) : blockEnd(source, start, pad);
  if (end === undefined || end - start > MAX_TEXT) return undefined;
  const text = " ".repeat(pad) + source.text.slice(start, end);
  const root = parseRoot(text);
  return root && same(root.toJSON(), source.value) ? { text, start, pad, root } : undefined;
}

/** Behind the last line that is indented as far as the object; its document's end when that is not indented. */
function blockEnd({ text, range }: SourceObject, start: number, pad: number): number {
  if (pad === 0) return range[1];
  let end = lineEnd(text, start);
  for (let at = end; at < range[1];) {
    const next = lineEnd(text, at + 1);
    const line = text.slice(at, next);
    const first = line.search(/\S/);
    if (first >= pad) end = next;
    // Comments may stand anywhere; what else is indented less is of the list.
    else if (first >= 0 && line[first] !== "#") break;
    at = next;
  }
  return end;
}

/** Behind the bracket that closes the one at `start`. */
function flowEnd(text: string, start: number): number | undefined {
  const part = /"(?:[^"\\]|\\.)*"|'[^']*'|[{}[\]]/gsy;
  let depth = 0;
  for (let at = start; at < text.length && at - start <= MAX_TEXT;) {
    part.lastIndex = at;
    const found = part.exec(text)?.[0];
    if (found === undefined) {
      at++;
      continue;
    }
    at += found.length;
    if (found === "{" || found === "[") depth++;
    if ((found === "}" || found === "]") && --depth === 0) return at;
  }
  return undefined;
}

export function parseRoot(text: string): Collection | undefined {
  const document = parseDocument(text, { uniqueKeys: false, logLevel: "silent" });
  const { contents } = document;
  if (document.errors.length > 0 || contents === null) return undefined;
  return isMap(contents) || isSeq(contents) ? contents : undefined;
}

export type Collection = YAMLMap.Parsed | YAMLSeq.Parsed;

/** A container, and the child of it that a path's last part names, when it is written. */
export interface Spot {
  readonly parent: Collection;
  /** Of a map. */
  readonly pair?: Pair<ParsedNode, ParsedNode | null>;
  readonly index: number;
  readonly node?: ParsedNode | null;
}

/** @returns undefined when a part is not written, or stands behind an anchor or alias: an edit would show elsewhere too */
export function locate(root: Collection, path: readonly (string | number)[]): Spot | undefined {
  let parent: Collection = root;
  for (const part of path.slice(0, -1)) {
    const { node } = childOf(parent, part);
    if (!isCollection(node) || node.anchor !== undefined) return undefined;
    parent = node;
  }
  const spot = childOf(parent, path.at(-1)!);
  if (isAlias(spot.node)) return undefined;
  return spot;
}

function childOf(parent: Collection, part: string | number): Spot {
  if (isSeq(parent)) {
    const index = part === "-" ? parent.items.length : Number(part);
    const node = parent.items[index];
    return { parent, index, ...(isNode(node) ? { node } : {}) };
  }
  const { items } = parent;
  const index = items.findLastIndex(({ key }) => isScalar(key) && String(key.value) === part);
  const pair = items[index];
  return pair ? { parent, index, pair, node: pair.value } : { parent, index: -1 };
}

function isCollection(node: unknown): node is Collection {
  return isMap(node) || isSeq(node);
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const next = text.indexOf("\n", start);
    if (next < 0) return -1;
    start = next + 1;
  }
  return start + column - 1;
}

/** Offset behind the line that `at` is in; `at` itself when a line has just ended there. */
export function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === "\n") return at;
  const next = text.indexOf("\n", at);
  return next < 0 ? text.length : next + 1;
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}
