import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type ParsedNode,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { SourceObject } from "../objects.js";
import { contentEnd } from "./render.js";

/** The text of one object alone: a document, or an item of a List cut out of it with its indentation. */
export interface ObjectText {
  readonly text: string;
  /** Where the text starts in the file. */
  readonly start: number;
  /** Spaces that stand for what is in front of the object in its first line (`- ` of a list). */
  readonly pad: number;
  /** What the text was parsed to, where it is a document of its own. */
  readonly root?: Collection;
}

/** @returns undefined when the object cannot be told apart in its document */
export function objectText(source: SourceObject): ObjectText | undefined {
  const [from, to] = source.range;
  const { line, column } = source.placeOf("");
  const offset = offsetOf(source.text, line, column);
  if (offset < from || offset >= to) return undefined;
  const root = parseRoot(source.text.slice(from, to));
  const node = root && nodeAt(root, offset - from);
  const end = contentEnd(node);
  if (node === undefined || end === undefined) return undefined;
  const last = from + lineEnd(source.text.slice(from, to), end);
  if (node === root) return { text: source.text.slice(from, last), start: from, pad: 0, root };
  const pad = node.flow ? 0 : column - 1;
  const stop = node.flow ? from + end : last;
  return { text: " ".repeat(pad) + source.text.slice(offset, stop), start: offset, pad };
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

/** The collection that starts at the offset: the deepest list item or document root. */
function nodeAt(root: Collection, offset: number): Collection | undefined {
  let at: Node | null | undefined = root;
  while (isCollection(at)) {
    if (isMap(at) && at.range[0] === offset) return at;
    const inside: unknown[] = at.items.map((item: unknown) => (isPair(item) ? item.value : item));
    at = inside.find(
      (node): node is Node =>
        isNode(node) && node.range != null && node.range[0] <= offset && offset < node.range[2],
    );
  }
  return undefined;
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
