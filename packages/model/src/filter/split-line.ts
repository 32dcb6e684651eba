import { FilterError } from "./filter-error.js";

/** A word of a filter, and where it stands in its line. */
export interface Word {
  readonly text: string;
  readonly start?: number;
  readonly end?: number;
}

/**
 * Splits a line as a POSIX shell splits words: spaces separate, quotes and a backslash
 * protect. Nothing is expanded: `$`, `*` and `~` mean themselves.
 * @throws FilterError for a quote that is not closed
 */
export function splitLine(line: string): Word[] {
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
      if (char === "'") {
        const close = closing(line, at, "'");
        text += line.slice(at + 1, close);
        at = close + 1;
      } else if (char === '"') {
        const close = closing(line, at, '"');
        text += line.slice(at + 1, close).replace(/\\([\\"$`])/g, "$1");
        at = close + 1;
      } else if (char === "\\" && at + 1 < line.length) {
        text += line[at + 1] ?? "";
        at += 2;
      } else {
        text += char;
        at += 1;
      }
    }
    words.push({ text, start, end: at });
  }
  return words;
}

function closing(line: string, open: number, quote: string): number {
  for (let at = open + 1; at < line.length; at++) {
    if (quote === '"' && line[at] === "\\") at += 1;
    else if (line[at] === quote) return at;
  }
  throw new FilterError(
    `a quote (${quote}) is not closed`,
    "Close it, or put a backslash before it.",
    {
      at: [open, line.length],
    },
  );
}
