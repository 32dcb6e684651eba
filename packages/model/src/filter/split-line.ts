import { FilterError } from "./filter-error.js";

/** A word of a filter, and where it stands in its line, [start, end). */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Splits a line as a POSIX shell splits words: spaces separate, quotes and a backslash
 * protect. Nothing is expanded: `$`, `*` and `~` mean themselves.
 * @param unfinished a quote that is not closed goes to the end: for a line that is being typed
 * @throws FilterError for a quote that is not closed
 */
export function splitLine(line: string, unfinished = false): Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line[at] ?? "")) {
      at += 1;
      continue;
    }
    const start = at;
    let text = "";
    while (at < line.length && !/\s/.test(line[at] ?? "")) {
      const char = line[at] ?? "";
      if (char === "'" || char === '"') {
        const close = closing(line, at, char, unfinished);
        const inside = line.slice(at + 1, close);
        text += char === "'" ? inside : inside.replace(/\\([\\"$`])/g, "$1");
        at = close + 1;
      } else if (char === "\\" && at + 1 < line.length) {
        text += line[at + 1] ?? "";
        at += 2;
      } else {
        text += char;
        at += 1;
      }
    }
    words.push({ text, start, end: Math.min(at, line.length) });
  }
  return words;
}

function closing(line: string, open: number, quote: string, unfinished: boolean): number {
  for (let at = open + 1; at < line.length; at++) {
    if (quote === '"' && line[at] === "\\") at += 1;
    else if (line[at] === quote) return at;
  }
  if (unfinished) return line.length;
  throw new FilterError(
    `a quote (${quote}) is not closed`,
    "Close it, or put a backslash before it.",
    {
      at: [open, line.length],
    },
  );
}

/** A word as a line must spell it. */
export function quoteWord(text: string): string {
  if (text !== "" && !/[\s"'\\]/.test(text)) return text;
  return text.includes("'") ? `"${text.replaceAll(/[\\"$`]/g, String.raw`\$&`)}"` : `'${text}'`;
}

/** Words that came one by one, from a shell, as one line. */
export function joinWords(texts: readonly string[]): { line: string; words: Word[] } {
  let line = "";
  const words = texts.map((text) => {
    if (line !== "") line += " ";
    const start = line.length;
    line += quoteWord(text);
    return { text, start, end: line.length };
  });
  return { line, words };
}
