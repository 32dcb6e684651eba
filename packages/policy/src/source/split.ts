/** Where one document of a YAML stream stands: offsets into the text, without the `---` that opens it. */
export interface DocumentRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a stream at its `---` and `...` lines. Nothing in YAML can hide such a
 * line (not even a quoted text or a block scalar), so a broken document never
 * takes its neighbours along. Text after `---` on the same line belongs to the
 * document that it opens. Blank ones are left out.
 */
export function splitDocuments(text: string): DocumentRange[] {
  const ranges: DocumentRange[] = [];
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const marker = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm;
  marker.lastIndex = start;
  for (let found = marker.exec(text); found; found = marker.exec(text)) {
    // `^` holds after a lone CR or U+2028 too, which are no line breaks here.
    if (found.index > start && text.charCodeAt(found.index - 1) !== 10) continue;
    if (!isBlank(text, start, found.index)) ranges.push({ start, end: found.index });
    start = found.index + 3;
  }
  if (!isBlank(text, start, text.length)) ranges.push({ start, end: text.length });
  return ranges;
}

function isBlank(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return false;
  }
  return true;
}
