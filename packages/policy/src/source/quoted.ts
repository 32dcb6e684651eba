/** The text of a single-quoted scalar, without its quotes. */
export function unquoteSingle(raw: string): string {
  const folded = raw.includes("\n") ? foldQuoted(raw.split("\n")) : raw;
  return folded.includes("''") ? folded.replaceAll("''", "'") : folded;
}

/** The text of a double-quoted scalar, without its quotes; undefined when an escape is none. */
export function unquoteDouble(raw: string): string | undefined {
  if (!raw.includes("\n")) return raw.includes("\\") ? unescape(raw) : raw;
  const lines = raw.split("\n");
  const joined: string[] = [""];
  lines.forEach((line, index) => {
    const bare = line.endsWith("\r") ? line.slice(0, -1) : line;
    const tail = index === 0 ? bare : bare.replace(/^[ \t]+/, "");
    // A backslash at the end joins the next line to it without a blank.
    const glued = /(?:^|[^\\])(?:\\\\)*\\$/.test(tail);
    joined[joined.length - 1] += glued ? tail.slice(0, -1) : tail;
    if (!glued && index < lines.length - 1) joined.push("");
  });
  const folded = foldQuoted(joined);
  return folded.includes("\\") ? unescape(folded) : folded;
}

/** A line break is a blank, and n of them n − 1 line breaks; blanks beside them do not count. */
function foldQuoted(lines: readonly string[]): string {
  let text = "";
  let breaks = 0;
  lines.forEach((line, index) => {
    const head = index === 0 ? line : line.replace(/^[ \t]+/, "");
    const bare = index === lines.length - 1 ? head : trimBlanks(head);
    if (index > 0) breaks++;
    if (bare === "" && index > 0 && index < lines.length - 1) return;
    if (breaks > 0) text += breaks === 1 ? " " : "\n".repeat(breaks - 1);
    breaks = 0;
    text += bare;
  });
  return text;
}

function trimBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && " \t\r".includes(line[end - 1]!)) end--;
  // An escaped blank stays.
  return end > 0 && end < line.length && line[end - 1] === "\\"
    ? line.slice(0, end + 1)
    : line.slice(0, end);
}

const named: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  " ": " ",
  '"': '"',
  "/": "/",
  "\\": "\\",
  N: "\x85",
  _: "\xa0",
  L: "\u2028",
  P: "\u2029",
};

function unescape(raw: string): string | undefined {
  try {
    // What JSON has of escapes is what almost every text needs, and native.
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return unescapeAll(raw);
  }
}

function unescapeAll(raw: string): string | undefined {
  let wrong = false;
  const text = raw.replaceAll(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([^]))/g,
    (_, two?: string, four?: string, eight?: string, letter?: string) => {
      const digits = two ?? four ?? eight;
      if (digits !== undefined) {
        const point = parseInt(digits, 16);
        if (point <= 0x10ffff) return String.fromCodePoint(point);
      } else if (letter !== undefined && Object.hasOwn(named, letter)) return named[letter]!;
      wrong = true;
      return "";
    },
  );
  return wrong ? undefined : text;
}
