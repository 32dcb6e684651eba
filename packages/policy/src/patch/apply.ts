import type { TextEdit } from "./patch.js";

/** The text with one edit made. */
export function applyEdit(text: string, { start, end, replacement }: TextEdit): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** The text with all edits that do not touch an earlier one; `left` are those that do, and need a new look at the text. */
export function applyEdits<Edit extends TextEdit>(
  text: string,
  edits: readonly Edit[],
): { readonly text: string; readonly left: readonly Edit[] } {
  const left: Edit[] = [];
  let result = "";
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (edit.start < at) {
      left.push(edit);
      continue;
    }
    result += text.slice(at, edit.start) + edit.replacement;
    at = edit.end;
  }
  return { text: result + text.slice(at), left };
}
