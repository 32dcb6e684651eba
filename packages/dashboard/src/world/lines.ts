import { parseManifests, type SourceObject } from "@dropscope/policy";

/** An object's text, and where the paths within it stand. */
export interface Placed {
  readonly source: SourceObject | undefined;
  /** First and last line of what stands at a path, from 1; the nearest parent that is written. */
  linesOf(path: string): { first: number; last: number };
}

export function placeLines(yaml: string, cluster: string): Placed {
  const source = parseManifests(yaml, "policy.yaml", { cluster }).sources[0];
  const lines = yaml.split("\n");
  return {
    source,
    linesOf(path) {
      const first = Math.max(1, source?.placeOf(path).line ?? 1);
      return { first, last: endOf(lines, first) };
    },
  };
}

/**
 * The last line of the block that begins on a line (from 1): what is indented deeper belongs to
 * it, and the items of a list may stand right under their key.
 */
function endOf(lines: readonly string[], first: number): number {
  const head = lines[first - 1] ?? "";
  // The text of an item stands deeper than its dash, and so does what belongs to it.
  const depth = indent(head);
  const isItem = /^\s*-(\s|$)/.test(head);
  const isKey = /:\s*(#.*)?$/.test(head);
  let last = first;
  for (let at = first; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.trim() === "" || /^\s*#/.test(line)) continue;
    const deeper = indent(line) > depth;
    const ownItem = isKey && !isItem && indent(line) === depth && /^\s*-(\s|$)/.test(line);
    if (!deeper && !ownItem) break;
    last = at + 1;
  }
  return last;
}

function indent(line: string): number {
  return line.length - line.trimStart().length;
}
