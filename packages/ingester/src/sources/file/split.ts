import { createWindow } from "./window.js";

/** The most bytes that one JSON value may have. A flow has 0.5 to 5 KiB. */
export const MAX_VALUE_BYTES = 16 * 1024 * 1024;
/** Deeper nesting than any message of Hubble has; deeper input is refused, not followed. */
const MAX_DEPTH = 100;

export type BrokenReason = "bad-json" | "truncated" | "too-large";

/** What stands in a file, in its order. `line` counts from 1 and is where the thing starts. */
export type Piece<T> =
  | { kind: "value"; value: T; line: number }
  /** A whole JSON value that `recognise` did not take. */
  | { kind: "foreign"; line: number }
  /** A line that is no JSON: log text, the notice of a port-forward. */
  | { kind: "text"; line: number }
  | { kind: "broken"; reason: BrokenReason; line: number };

export interface Splitter<T> {
  push(chunk: Uint8Array): Piece<T>[];
  /** Call once at the end of the input. */
  end(): Piece<T>[];
}

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

const FLOW_START = Buffer.from('{"flow"');
const OBJECT_START = Buffer.from('{"');

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB;
}

/**
 * Cuts a byte stream into JSON objects wherever they stand: one a line, in an array,
 * pretty-printed, one after the other, or behind a log prefix on the same line.
 *
 * ```
 *  between ──'{'──▶ value ──'}' at depth 0──▶ between
 *     │                └──broken──▶ recover ──next '{' that starts a line──▶ value
 *     └──anything else──▶ text, to the end of the line
 * ```
 * After a broken value the search goes on *behind its first line*, so a missing brace
 * costs one value, not the file. No byte is looked at more than `MAX_DEPTH` times.
 * @param recognise turns a parsed object into what the caller wants, or undefined.
 */
export function createSplitter<T>(
  recognise: (value: Record<string, unknown>) => T | undefined,
  maxBytes = MAX_VALUE_BYTES,
): Splitter<T> {
  const window = createWindow();
  let pieces: Piece<T>[] = [];
  let line = 1;
  let state: "between" | "value" | "skip-line" | "recover" = "between";
  /** Objects and text inside the remains of a broken value are not counted. */
  let recovering = false;
  /** The value stands behind text on its line. */
  let prefixed = false;
  let scanned = 0;
  let depth = 0;
  let inString = false;
  let last = 0;
  const arrays = new Uint8Array(MAX_DEPTH + 1);

  function drop(bytes: number): void {
    const stop = window.start + bytes;
    for (let at = window.lineFeed(window.start); at >= 0 && at < stop;) {
      line += 1;
      at = window.lineFeed(at + 1);
    }
    window.drop(bytes);
  }

  function begin(behindText: boolean): void {
    state = "value";
    prefixed = behindText;
    scanned = 0;
    depth = 0;
    inString = false;
    last = 0;
  }

  /** Bytes `[start, start + length)` hold a whole object; false when they are not JSON. */
  function take(length: number): boolean {
    const { buffer, start } = window;
    let parsed: unknown;
    try {
      parsed = JSON.parse(buffer.toString("utf8", start, start + length));
    } catch {
      return false;
    }
    const value = recognise(parsed as Record<string, unknown>);
    if (value !== undefined) {
      recovering = false;
      pieces.push({ kind: "value", value, line });
    } else if (prefixed) pieces.push({ kind: "text", line });
    else if (!recovering) pieces.push({ kind: "foreign", line });
    drop(length);
    state = prefixed ? "skip-line" : "between";
    return true;
  }

  function broken(reason: BrokenReason): void {
    if (prefixed) pieces.push({ kind: "text", line });
    else if (!recovering) pieces.push({ kind: "broken", reason, line });
    // One byte on, so that the same brace is not tried again.
    drop(1);
    recovering = !prefixed;
    state = prefixed ? "skip-line" : "recover";
  }

  /** Skips what may stand between values. False: more bytes are needed. */
  function between(final: boolean): boolean {
    const { buffer, start, end } = window;
    let at = start;
    while (at < end) {
      const byte = buffer[at] as number;
      if (isSpace(byte) || byte === COMMA || byte === CLOSE_ARRAY) {
        at += 1;
      } else if (byte === 0xef && buffer[at + 1] === 0xbb && buffer[at + 2] === 0xbf) {
        at += 3; // byte order mark
      } else break;
    }
    drop(at - start);
    if (at >= end) return false;
    const byte = buffer[at] as number;
    if (byte === 0xef && !final && end - at < 3) return false;
    if (byte === OPEN_OBJECT) {
      begin(false);
      return true;
    }
    if (byte === OPEN_ARRAY) {
      let next = at + 1;
      while (next < end && isSpace(buffer[next] as number)) next += 1;
      if (next >= end && !final && next - at < 4096) return false;
      const follower = next < end ? (buffer[next] as number) : CLOSE_ARRAY;
      if (follower === OPEN_OBJECT || follower === OPEN_ARRAY || follower === CLOSE_ARRAY) {
        drop(1);
        return true;
      }
      // A log line may begin with a bracket: fall through to text.
    }
    return text(final);
  }

  function text(final: boolean): boolean {
    const { start, end } = window;
    const newline = window.lineFeed(start);
    const object = window.find(OBJECT_START, start, newline < 0 ? end : newline);
    if (object >= 0) {
      window.drop(object - start);
      begin(true);
      return true;
    }
    if (newline < 0 && !final && end - start < 65_536) return false;
    if (!recovering) pieces.push({ kind: "text", line });
    state = "skip-line";
    return true;
  }

  function skipLine(): boolean {
    const { start, end } = window;
    const newline = window.lineFeed(start);
    if (newline < 0) {
      window.drop(end - start);
      return false;
    }
    drop(newline + 1 - start);
    state = "between";
    return true;
  }

  /** Finds the next place where a value may start: a line that opens one, or `{"flow"`. */
  function recover(final: boolean): boolean {
    const { buffer, start, end } = window;
    const found = window.find(FLOW_START, start, end);
    let marker = found < 0 ? Number.POSITIVE_INFINITY : found;
    let newline = window.lineFeed(start);
    while (newline >= 0 && newline < marker) {
      let next = newline + 1;
      while (next < end && isSpace(buffer[next] as number) && buffer[next] !== LF) next += 1;
      if (next >= end) break;
      if (buffer[next] === OPEN_OBJECT || buffer[next] === OPEN_ARRAY) {
        marker = next;
        break;
      }
      newline = window.lineFeed(next);
    }
    if (marker < end) {
      drop(marker - start);
      state = "between";
      return true;
    }
    // Keep the line that is still open, or enough to see a marker that is cut in two.
    const keep = newline >= 0 ? newline : Math.max(start, end - FLOW_START.length + 1);
    drop(final ? end - start : keep - start);
    return false;
  }

  /** A line that is one whole value is by far the most frequent case, and the engine's own scan is fastest. */
  function wholeLine(): boolean {
    const { buffer, start } = window;
    let stop = window.lineFeed(start);
    if (stop < 0 || stop - start > maxBytes) return false;
    while (stop > start && (isSpace(buffer[stop - 1] as number) || buffer[stop - 1] === COMMA)) {
      stop -= 1;
    }
    return buffer[stop - 1] === CLOSE_OBJECT && take(stop - start);
  }

  function value(final: boolean): boolean {
    if (scanned === 0 && wholeLine()) return true;
    const { buffer, start, end } = window;
    let at = start + scanned;
    for (; at < end; at += 1) {
      const byte = buffer[at] as number;
      if (inString) {
        if (byte === QUOTE) {
          inString = false;
          last = QUOTE;
        } else if (byte === BACKSLASH) {
          if (at + 1 >= end) break;
          at += 1;
        } else if (byte < SPACE) {
          // A raw line break inside a string: the writer was cut off here.
          broken("bad-json");
          return true;
        }
        continue;
      }
      if (isSpace(byte)) continue;
      if (byte === QUOTE) inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        const fits =
          depth === 0 ||
          (arrays[depth] === 1 ? last === OPEN_ARRAY || last === COMMA : last === COLON);
        if (!fits || depth === MAX_DEPTH) {
          broken("bad-json");
          return true;
        }
        depth += 1;
        arrays[depth] = byte === OPEN_ARRAY ? 1 : 0;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if ((arrays[depth] === 1) !== (byte === CLOSE_ARRAY)) {
          broken("bad-json");
          return true;
        }
        depth -= 1;
        if (depth === 0) {
          if (at + 1 - start > maxBytes) broken("too-large");
          else if (!take(at + 1 - start)) broken("bad-json");
          return true;
        }
      }
      last = byte;
    }
    scanned = at - start;
    if (end - start > maxBytes) broken("too-large");
    else if (final) broken("truncated");
    else return false;
    return true;
  }

  function run(final: boolean): Piece<T>[] {
    pieces = [];
    for (let more = true; more && window.start < window.end;) {
      switch (state) {
        case "between":
          more = between(final);
          break;
        case "value":
          more = value(final);
          break;
        case "skip-line":
          more = skipLine();
          break;
        case "recover":
          more = recover(final);
          break;
      }
    }
    return pieces;
  }

  return {
    push(chunk) {
      window.append(chunk);
      return run(false);
    },
    end: () => run(true),
  };
}
