import { isMap, isPair, isScalar, isSeq, type Node, type ParsedNode, stringify, visit } from "yaml";

/** How a document is written, so that what is added looks like what is there. */
export interface Style {
  readonly json: boolean;
  /** Spaces a level. */
  readonly indent: number;
  /** Whether a list below a key is indented further than the key. */
  readonly indentLists: boolean;
}

export function styleOf(root: ParsedNode, text: string): Style {
  let indentLists: boolean | undefined;
  let indent: number | undefined;
  visit(root, (_, node) => {
    if (!isPair(node) || !isScalar(node.key)) return undefined;
    const key = column(text, (node.key as ParsedNode).range[0]);
    const value = node.value as ParsedNode | null;
    if ((!isMap(value) && !isSeq(value)) || value.flow) return undefined;
    const step = column(text, value.range[0]) - key;
    if (isSeq(value)) indentLists ??= step > 0;
    else indent ??= step;
    return indentLists === undefined || indent === undefined ? undefined : visit.BREAK;
  });
  const json = text[root.range[0]] === "{" && /^\{\s*("|\})/.test(text.slice(root.range[0]));
  return {
    json,
    indent: indent !== undefined && indent > 0 && indent <= 8 ? indent : 2,
    indentLists: indentLists ?? false,
  };
}

/** Column of an offset, from 0. */
export function column(text: string, offset: number): number {
  return offset - (text.lastIndexOf("\n", offset - 1) + 1);
}

/** The value on one line, for a place inside `[…]` or `{…}`. */
export function renderFlow(value: unknown, style: Style, padded = false): string {
  // Line breaks inside texts are escaped, so that these are all between values.
  if (style.json) return JSON.stringify(value, null, 1).replaceAll(/\n */g, " ");
  return stringify(value, {
    collectionStyle: "flow",
    lineWidth: 0,
    flowCollectionPadding: padded,
  }).trim();
}

/** The value on lines of its own, each indented by `indent` spaces, with a newline at the end. */
export function renderBlock(value: unknown, indent: number, style: Style): string {
  const lines = stringify(value, {
    indent: style.indent,
    indentSeq: style.indentLists,
    lineWidth: 0,
  })
    .trimEnd()
    .split("\n");
  return lines.map((line) => `${" ".repeat(indent)}${line}\n`).join("");
}

/** Whether a value is written on lines of its own in block style. */
export function isBlock(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/** Where the node's last character stands. Block collections count what follows them as theirs; this does not. */
export function contentEnd(node: Node | null | undefined): number | undefined {
  if (!node?.range) return undefined;
  if ((isMap(node) || isSeq(node)) && !node.flow) {
    const last = node.items.at(-1);
    if (isPair(last))
      return contentEnd(last.value as Node | null) ?? contentEnd(last.key as Node | null);
    return contentEnd(last as Node | undefined) ?? node.range[0];
  }
  return node.range[1];
}
