import { conditionsOf } from "./conditions.js";
import { FilterError } from "./filter-error.js";
import { flagNamed, flagOfLetter, nearestFlag, type FlagSpec } from "./flags.js";
import type { FlowFilter, FlowSelection } from "./flow-filter.js";
import { compilePattern, type RegexCompiler } from "./match.js";
import { splitLine, type Word } from "./split-line.js";
import { FilterTracker } from "./tracker.js";
import { applyFlag } from "./values.js";

export interface ParseOptions {
  /** Compiles regular expressions to find bad ones early; without it they are found when they are used. */
  regex?: RegexCompiler;
}

/** Characters in a filter line. */
export const MAX_FILTER_LINE = 4096;

/**
 * The filter language of the real `hubble observe`: flags of one kind are alternatives,
 * flags of different kinds must all hold, `--not` turns the next one round.
 * @throws FilterError without a place
 */
export function parseFilterWords(
  words: readonly string[],
  options: ParseOptions = {},
): FlowSelection {
  return parse(
    words.map((text) => ({ text })),
    options,
  );
}

/**
 * The same from one line, quoted as in a shell.
 * @throws FilterError that says where
 */
export function parseFilterLine(line: string, options: ParseOptions = {}): FlowSelection {
  if (line.length > MAX_FILTER_LINE) {
    throw new FilterError(
      `the filter is longer than ${MAX_FILTER_LINE} characters`,
      "Use fewer or wider filters: a prefix of the pod name, a CIDR, a label.",
      { at: [MAX_FILTER_LINE, line.length] },
    );
  }
  return parse(splitLine(line), options);
}

/** Splits a command line: the words of the filter language in their order, and all others. */
export function takeFilterWords(words: readonly string[]): { filter: string[]; rest: string[] } {
  const filter: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const text = words[index] ?? "";
    if (text === "--") {
      rest.push(...words.slice(index));
      break;
    }
    const flag = readFlag(text);
    if (flag === undefined) rest.push(text);
    else {
      filter.push(text);
      const next = words[index + 1];
      if (flag.needsValue && next !== undefined) {
        filter.push(next);
        index += 1;
      }
    }
  }
  return { filter, rest };
}

interface Given {
  spec: FlagSpec;
  value: string | undefined;
  /** Further one-letter switches in the same word (`-4A`). */
  more: FlagSpec[];
  needsValue: boolean;
}

/** Reads `--flag`, `--flag=value`, `-f`, `-fvalue`, `-f=value` or joined switches; `undefined` for any other word. */
function readFlag(text: string): Given | undefined {
  if (text.startsWith("--")) {
    const equals = text.indexOf("=");
    const spec = flagNamed(text.slice(2, equals < 0 ? undefined : equals));
    if (spec === undefined) return undefined;
    const value = equals < 0 ? undefined : text.slice(equals + 1);
    return { spec, value, more: [], needsValue: value === undefined && spec.value !== "" };
  }
  if (!/^-[^-]/.test(text)) return undefined;
  const letters = text.slice(1);
  const spec = flagOfLetter(letters[0] ?? "");
  if (spec === undefined) return undefined;
  if (spec.value !== "") {
    const value = letters.length === 1 ? undefined : letters.slice(1).replace(/^=/, "");
    return { spec, value, more: [], needsValue: value === undefined };
  }
  const more = Array.from(letters.slice(1), flagOfLetter);
  if (!more.every((one) => one?.value === "")) return undefined;
  return {
    spec,
    value: undefined,
    more: more.filter((one) => one !== undefined),
    needsValue: false,
  };
}

function parse(words: readonly Word[], options: ParseOptions): FlowSelection {
  const allow = new FilterTracker();
  const deny = new FilterTracker();
  let not: Word | undefined;
  const set = (spec: FlagSpec, value: string, at: Word): void => {
    if (spec.name === "not") {
      if (value === "false") return;
      if (not !== undefined)
        throw new FilterError("consecutive --not statements", "Put one --not before one filter.");
      not = at;
      return;
    }
    const tracker = not === undefined ? allow : deny;
    not = undefined;
    tracker.touch(spec.name);
    checkValue(spec, value, options);
    applyFlag(tracker, spec, value);
    tracker.checkNamespaces();
  };
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (word === undefined) break;
    const flag = readFlag(word.text);
    if (flag === undefined) throw placed(unknownWord(word.text), word);
    let last = word;
    if (flag.needsValue) {
      const next = words[index + 1];
      if (next === undefined) {
        throw placed(
          new FilterError(
            `--${flag.spec.name} needs a value`,
            `Write --${flag.spec.name} ${flag.spec.value}.`,
          ),
          word,
        );
      }
      last = next;
      index += 1;
    }
    const value = flag.value ?? (flag.needsValue ? last.text : "true");
    try {
      set(flag.spec, value, word);
      for (const more of flag.more) set(more, "true", word);
    } catch (error) {
      throw error instanceof FilterError ? placed(error, word, last) : error;
    }
  }
  if (not !== undefined) {
    throw placed(
      new FilterError(
        "trailing --not found in the arguments",
        "Put the filter that it turns round after it.",
      ),
      not,
    );
  }
  const selection = { allow: allow.filters(), deny: deny.filters() };
  for (const filter of [...selection.allow, ...selection.deny]) checkWhole(filter);
  return selection;
}

/** Checks one value by itself, so that the error points at it and not at the whole line. */
function checkValue(spec: FlagSpec, value: string, options: ParseOptions): void {
  const alone = new FilterTracker();
  alone.touch(spec.name);
  applyFlag(alone, spec, value);
  for (const filter of alone.filters()) {
    conditionsOf(spec.name === "http-status" ? { http_status_code: [value] } : filter);
    const patterns = [filter.http_path, filter.http_url, filter.dns_query].flatMap(
      (list) => list ?? [],
    );
    if (options.regex !== undefined)
      for (const pattern of patterns) compilePattern(pattern, options.regex);
  }
}

function checkWhole(filter: FlowFilter): void {
  conditionsOf(filter);
}

function unknownWord(text: string): FilterError {
  if (!text.startsWith("-")) {
    return new FilterError(
      `${JSON.stringify(text)} is not a flag`,
      `Filters are written as in hubble observe: --pod ${/\s/.test(text) ? JSON.stringify(text) : text}.`,
    );
  }
  const name = text.replace(/^-+/, "").replace(/=.*$/s, "");
  const nearest = nearestFlag(name);
  return new FilterError(
    `unknown filter ${text.replace(/=.*$/s, "")}`,
    nearest === undefined ? "See the list of filters." : `Did you mean --${nearest}?`,
  );
}

function placed(error: FilterError, first: Word, last: Word = first): FilterError {
  if (first.start === undefined || last.end === undefined || error.at !== undefined) return error;
  return error.placed([first.start, last.end]);
}
