import { unquoteDouble, unquoteSingle } from "./quoted.js";
import { joinBlock } from "./block-scalar.js";
import { foldLines, keyOf } from "./scalar.js";

/** YAML that the plain reader leaves to the full one. Made without a stack: it is thrown for every such document. */
export class Unusual {
  constructor(readonly offset: number) {}
}

export const BLOCK = false;
export const FLOW = true;

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const APOSTROPHE = 39;
const PLUS = 43;
const DASH = 45;
const COLON = 58;
const QUESTION = 63;
const BAR = 124;

const FOLD = 62;

/** `&`, `*`, `!`, `%`, `@`, the back quote, `|` and `>`: anchors, tags, what is reserved, and block scalars. */
const SPECIAL = new Set([38, 42, 33, 37, 64, 96, BAR, FOLD]);
/** `,`, `[`, `]`, `{`, `}` */
const FLOW_INDICATOR = new Set([44, 91, 93, 123, 125]);

/** YAML's limit for a key on one line. */
const MAX_KEY = 1024;

/** A cursor over one document; all positions are offsets into `text`. */
export interface Scanner {
  readonly text: string;
  at: number;
  /** Whether the document's content is at its end. */
  readonly end: boolean;
  /** Where the last key that was read begins. */
  readonly keyAt: number;
  code(offset?: number): number;
  /** Counts from 0. */
  column(): number;
  firstLine(): void;
  /** Goes on to the first character of the next line that is neither blank nor a comment. */
  nextLine(): void;
  /** Whether nothing but blanks and a comment is left of the line; then the cursor stands at its end, else at what is left. */
  restIsBlank(): boolean;
  isDash(): boolean;
  /** Reads `key:` and stands after the colon; undefined, and the cursor unmoved, when there is none. */
  key(): string | undefined;
  /** A quoted text; several lines are folded. */
  quoted(): string;
  /** A plain text. In block context it goes on over lines deeper than `parent`. */
  plain(flow: boolean, parent: number): string;
  /** `|` or `>`; stands at the next line's content after it. */
  blockScalar(parent: number): string;
}

export function createScanner(text: string, start: number, limit: number): Scanner {
  // A CR alone is a line break to some readers and not to others.
  if (/\r(?!\n)/.test(text.slice(start, limit))) throw new Unusual(start);
  let at = start;
  let lineStart = start;
  let keyAt = start;

  const code = (offset = at): number => (offset < limit ? text.charCodeAt(offset) : NEWLINE);
  const isBreak = (offset: number): boolean =>
    code(offset) === NEWLINE || (code(offset) === RETURN && code(offset + 1) === NEWLINE);
  const isBlank = (offset: number): boolean => {
    const found = code(offset);
    return found === SPACE || found === TAB || isBreak(offset);
  };

  function lineEnd(offset: number): number {
    const found = text.indexOf("\n", offset);
    return found < 0 || found > limit ? limit : found;
  }

  /** From the start of a line to its content, or on to the next line that has some. */
  function toContent(): void {
    for (;;) {
      lineStart = at;
      while (code() === SPACE && at < limit) at++;
      if (at >= limit) return;
      const found = code();
      if (found === TAB) {
        let probe = at;
        while (code(probe) === TAB || code(probe) === SPACE) probe++;
        if (!isBreak(probe) && code(probe) !== HASH) throw new Unusual(at);
      } else if (found !== HASH && !isBreak(at)) return;
      at = found === NEWLINE ? at + 1 : Math.min(lineEnd(at) + 1, limit);
    }
  }

  function nextLine(): void {
    at = Math.min(lineEnd(at) + 1, limit);
    toContent();
  }

  function restIsBlank(): boolean {
    const from = at;
    while (at < limit && (code() === SPACE || code() === TAB)) at++;
    if (at >= limit || isBreak(at)) return true;
    if (code() !== HASH || at === from) return false;
    at = lineEnd(at);
    return true;
  }

  function isDash(): boolean {
    if (code() !== DASH) return false;
    if (code(at + 1) === TAB) throw new Unusual(at);
    return isBlank(at + 1);
  }

  function quoted(): string {
    const quote = code();
    let close = at;
    for (;;) {
      close = text.indexOf(quote === QUOTE ? '"' : "'", close + 1);
      if (close < 0 || close >= limit) throw new Unusual(at);
      if (quote === QUOTE) {
        let escapes = 0;
        while (text.charCodeAt(close - 1 - escapes) === 92) escapes++;
        if (escapes % 2 === 0) break;
      } else if (text.charCodeAt(close + 1) === APOSTROPHE) close++;
      else break;
    }
    const raw = text.slice(at + 1, close);
    // Text that goes on at the margin is a quote that somebody forgot to close.
    if (/\n[^ \t\r\n]/.test(raw)) throw new Unusual(at);
    const value = quote === QUOTE ? unquoteDouble(raw) : unquoteSingle(raw);
    if (value === undefined) throw new Unusual(at);
    at = close + 1;
    return value;
  }

  /** Whether a plain text may begin here. */
  function checkPlain(flow: boolean): void {
    const first = code();
    if (SPECIAL.has(first) || FLOW_INDICATOR.has(first) || first === HASH) throw new Unusual(at);
    if (first !== DASH && first !== QUESTION && first !== COLON) return;
    if (isBlank(at + 1) || (flow && FLOW_INDICATOR.has(code(at + 1)))) throw new Unusual(at);
  }

  /** End of the plain text of this line, blanks at its end included. Stops before `: `. */
  function plainEnd(flow: boolean): number {
    let probe = at;
    for (; probe < limit; probe++) {
      const found = text.charCodeAt(probe);
      if (found > COLON && !flow) continue;
      if (found === NEWLINE || (found === RETURN && isBreak(probe))) break;
      if (found === HASH && probe > at && isBlank(probe - 1)) break;
      if (found === COLON && (isBlank(probe + 1) || (flow && FLOW_INDICATOR.has(code(probe + 1)))))
        break;
      if (flow && FLOW_INDICATOR.has(found)) break;
    }
    return probe;
  }

  function trimEnd(from: number, to: number): number {
    let end = to;
    while (end > from && isBlank(end - 1)) end--;
    return end;
  }

  function plain(flow: boolean, parent: number): string {
    checkPlain(flow);
    const from = at;
    const to = plainEnd(flow);
    if (code(to) === COLON && !flow) throw new Unusual(to);
    at = trimEnd(from, to);
    const first = text.slice(from, at);
    return flow || code(to) === HASH ? first : continued(first, parent);
  }

  /** The lines that continue a plain text, which is what deeper lines after it do. */
  function continued(first: string, parent: number): string {
    let lines: string[] | undefined;
    for (;;) {
      const { at: back, lineStart: backLine } = { at, lineStart };
      let probe = lineEnd(at) + 1;
      let blanks = 0;
      let content = probe;
      for (;;) {
        content = probe;
        while (content < limit && code(content) === SPACE) content++;
        if (content >= limit || !isBreak(content)) break;
        blanks++;
        probe = lineEnd(content) + 1;
      }
      if (content >= limit || content - probe <= parent || code(content) === HASH) {
        at = back;
        lineStart = backLine;
        return lines ? foldLines(lines) : first;
      }
      if (code(content) === TAB) throw new Unusual(content);
      at = content;
      lineStart = probe;
      const to = plainEnd(BLOCK);
      if (code(to) === COLON || code(to) === HASH) throw new Unusual(to);
      at = trimEnd(content, to);
      lines ??= [first];
      for (; blanks > 0; blanks--) lines.push("");
      lines.push(text.slice(content, at));
    }
  }

  function key(): string | undefined {
    const from = at;
    const first = code();
    let name: string;
    if (first === QUOTE || first === APOSTROPHE) {
      name = quoted();
      const close = at;
      while (code() === SPACE) at++;
      const multiline = text.slice(from, close).includes("\n");
      if (code() !== COLON || !isBlank(at + 1) || multiline) {
        at = from;
        return undefined;
      }
    } else {
      if (first === 91 || first === 123 || first === BAR || first === FOLD) return undefined;
      checkPlain(BLOCK);
      const to = plainEnd(BLOCK);
      if (code(to) !== COLON) return undefined;
      name = keyOf(text.slice(from, trimEnd(from, to)));
      at = to;
    }
    if (name === "<<" || at - from > MAX_KEY || code(at + 1) === TAB) throw new Unusual(from);
    keyAt = from;
    at++;
    return name;
  }

  function blockScalar(parent: number): string {
    const header = at;
    const folded = code(at++) === FOLD;
    const chomp = code();
    if (chomp === DASH || chomp === PLUS) at++;
    if (!restIsBlank()) throw new Unusual(header);
    const lines: string[] = [];
    let indent = -1;
    let probe = lineEnd(at) + 1;
    while (probe < limit) {
      let content = probe;
      const most = indent < 0 ? limit : Math.min(limit, probe + indent);
      while (content < most && code(content) === SPACE) content++;
      const stop = lineEnd(content);
      const bare = stop > content && code(stop - 1) === RETURN ? stop - 1 : stop;
      if (bare === content) lines.push("");
      else {
        if (indent < 0) {
          if (content - probe <= parent) break;
          if (code(content) === TAB || lines.length > 0) throw new Unusual(content);
          indent = content - probe;
        } else if (content - probe < indent) break;
        lines.push(text.slice(content, bare));
      }
      probe = stop + 1;
    }
    at = Math.min(probe, limit);
    toContent();
    return joinBlock(lines, folded, chomp === DASH ? "strip" : chomp === PLUS ? "keep" : "clip");
  }

  return {
    text,
    get at() {
      return at;
    },
    set at(offset) {
      at = offset;
    },
    get end() {
      return at >= limit;
    },
    get keyAt() {
      return keyAt;
    },
    code,
    column: () => at - lineStart,
    firstLine: toContent,
    nextLine,
    restIsBlank,
    isDash,
    key,
    quoted,
    plain,
    blockScalar,
  };
}
