import {
  type Alias,
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  Parser,
  type Scalar,
} from "yaml";
import { emptyRecord } from "./record.js";
import { createBudget } from "./budget.js";
import { keyOf, resolvePlain } from "./scalar.js";
import {
  MAX_DEPTH,
  MAX_REPEATED,
  type Offsets,
  type RepeatedKey,
  tooDeep,
  type Tree,
  UnreadableDocument,
} from "./tree.js";

/**
 * Lexical pieces that the full reader takes for one document. It costs some µs
 * for each, and only documents with anchors, tags or errors come here.
 */
export const MAX_PIECES = 12_000;
/**
 * Reads one document (`text[start, end)`) with all of YAML, anchors and merge
 * keys included. Undefined: nothing but comments. Throws UnreadableDocument.
 */
export function readFullYaml(text: string, start: number, end: number): Tree | undefined {
  const document = compose(text.slice(start, end), start);
  if (!document?.contents) return undefined;
  // A bracket that is never closed is told of as one that stands too far out: no error may be passed over.
  const [error] = document.errors;
  if (error)
    throw new UnreadableDocument("YAML", error.message.split("\n")[0]!, start + error.pos[0]);
  return expand(document, start);
}

function compose(source: string, start: number): Document.Parsed | undefined {
  const parser = new Parser();
  const composer = new Composer({
    schema: "failsafe",
    prettyErrors: false,
    uniqueKeys: false,
    strict: false,
  });
  let pieces = 0;
  let document: Document.Parsed | undefined;
  const keep = (composed: Iterable<Document.Parsed>): void => {
    for (const one of composed) document ??= one;
  };
  const check = (): void => {
    if (++pieces > MAX_PIECES)
      throw new UnreadableDocument("TOO_LARGE", "too much YAML in one document", start);
    if (parser.stack.length > 2 * MAX_DEPTH)
      throw tooDeep(start + Math.min(parser.offset, source.length));
  };
  for (const lexeme of new Lexer().lex(source)) {
    check();
    for (const token of parser.next(lexeme)) keep(composer.next(token));
  }
  for (const token of parser.end()) keep(composer.next(token));
  keep(composer.end());
  return document;
}

function expand(document: Document.Parsed, start: number): Tree {
  const offsets: Offsets = new Map();
  const repeated: RepeatedKey[] = [];
  const anchors = new Map<string, Node>();
  const budget = createBudget(start);

  const at = (node: Node | null | undefined): number => start + (node?.range?.[0] ?? 0);

  function follow(alias: Alias): Node {
    const target = anchors.get(alias.source);
    if (!target) throw new UnreadableDocument("YAML", `unknown anchor: ${alias.source}`, at(alias));
    return target;
  }

  function read(node: Node | null, depth: number): unknown {
    if (!node) return null;
    budget.spend(depth, at(node));
    if (isAlias(node)) return read(follow(node), depth + 1);
    if (isScalar(node)) {
      if (node.anchor) anchors.set(node.anchor, node);
      return scalar(node);
    }
    if (isSeq(node)) {
      const list: unknown[] = [];
      const places: number[] = [];
      for (const item of node.items as Node[]) {
        places.push(at(item));
        list.push(read(item, depth + 1));
      }
      offsets.set(list, places);
      if (node.anchor) anchors.set(node.anchor, node);
      return list;
    }
    if (!isMap(node)) return null;
    const record = emptyRecord();
    const places = emptyRecord<number>();
    const merged: unknown[] = [];
    for (const { key, value } of node.items as { key: Node | null; value: Node | null }[]) {
      const name = isAlias(key) ? read(key, depth + 1) : isScalar(key) ? keyText(key) : "";
      if (name === "<<" && isScalar(key) && key.type === "PLAIN") {
        merged.push(read(value, depth + 1));
        continue;
      }
      const text = String(name);
      if (key && isScalar(key) && key.anchor) anchors.set(key.anchor, key);
      if (text in record && repeated.length < MAX_REPEATED)
        repeated.push({ key: text, offset: at(key) });
      places[text] = key ? at(key) : at(value);
      record[text] = read(value, depth + 1);
    }
    for (const from of merged) merge(record, places, from);
    offsets.set(record, places);
    if (node.anchor) anchors.set(node.anchor, node);
    return record;
  }

  /** Keys that are written beat merged ones, wherever they stand. */
  function merge(
    into: Record<string, unknown>,
    places: Record<string, number>,
    from: unknown,
  ): void {
    for (const source of Array.isArray(from) ? (from as unknown[]) : [from]) {
      if (typeof source !== "object" || source === null) continue;
      const origin = offsets.get(source) as Record<string, number>;
      for (const [key, value] of Object.entries(source)) {
        budget.spend(0, start);
        if (key in into) continue;
        into[key] = value;
        places[key] = origin[key] ?? 0;
      }
    }
  }

  const contents = document.contents as Node;
  return { value: read(contents, 0), start: at(contents), offsets, repeated };
}

function keyText(key: Scalar): string {
  return key.type === "PLAIN" && !key.tag ? keyOf(key.source ?? "") : String(key.value);
}

function scalar(node: Scalar): unknown {
  if (node.type === "PLAIN" && !node.tag) return resolvePlain(node.source ?? "");
  if (node.tag === "tag:yaml.org,2002:str" || !node.tag) return node.value;
  return resolvePlain(String(node.value));
}
