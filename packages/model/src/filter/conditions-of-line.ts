import { FilterError } from "./filter-error.js";
import { flagNamed, flagOfLetter, nearestFlag, type FlagSpec } from "./flags.js";
import type { Word } from "./split-line.js";

/** One flag of a filter line, with its value. */
export interface FilterCondition {
  readonly spec: FlagSpec;
  /** `"true"` of a switch that has none. */
  readonly value: string;
  /** Turned round by the `--not` before it. */
  readonly not: boolean;
  /** All of it, `--not` included, [start, end). */
  readonly start: number;
  readonly end: number;
  /** The flag and its value, without `--not`. */
  readonly at: [number, number];
  /** The value as it is spelt; of a switch without one, its name. */
  readonly valueAt: [number, number];
}

/** What a filter line says, before anybody asks what its values mean. */
export interface FilterParts {
  readonly conditions: readonly FilterCondition[];
  /** Words that belong to no flag; only where they are asked for. */
  readonly words: readonly Word[];
}

/**
 * Words to conditions.
 * @param free words without a flag are kept; without it they are refused
 * @throws FilterError, placed, for a flag that is unknown or has no value, and for a `--not` that turns nothing
 */
export function conditionsOfWords(words: readonly Word[], free: boolean): FilterParts {
  const conditions: FilterCondition[] = [];
  const others: Word[] = [];
  let not: Word | undefined;
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (word === undefined) break;
    const flag = readFlag(word.text);
    if (flag === undefined) {
      if (!free || word.text.startsWith("-")) throw unknownWord(word.text).placed(spanOf(word));
      others.push(word);
      continue;
    }
    let last = word;
    if (flag.needsValue) {
      const next = words[index + 1];
      if (next === undefined) throw withoutValue(flag.spec).placed(spanOf(word));
      last = next;
      index += 1;
    }
    const value = flag.value ?? (flag.needsValue ? last.text : "true");
    for (const spec of [flag.spec, ...flag.more]) {
      if (spec.name === "not") {
        if (value === "false") continue;
        if (not !== undefined) throw notAfterNot().placed(spanOf(word));
        not = word;
        continue;
      }
      conditions.push({
        spec,
        value,
        not: not !== undefined,
        start: (not ?? word).start,
        end: last.end,
        at: [word.start, last.end],
        valueAt: valueSpan(word, last, flag),
      });
      not = undefined;
    }
  }
  if (not !== undefined) throw trailingNot().placed(spanOf(not));
  return { conditions, words: others };
}

const spanOf = (word: Word): [number, number] => [word.start, word.end];

function valueSpan(word: Word, last: Word, flag: Given): [number, number] {
  if (last !== word) return spanOf(last);
  const length = flag.value?.length ?? 0;
  // Behind the equals sign, when nothing in it was quoted: else nobody knows where it begins.
  const verbatim = word.end - word.start === word.text.length;
  return verbatim && length > 0 ? [word.end - length, word.end] : spanOf(word);
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

function withoutValue(spec: FlagSpec): FilterError {
  return new FilterError(`--${spec.name} needs a value`, `Write --${spec.name} ${spec.value}.`);
}

function notAfterNot(): FilterError {
  return new FilterError("consecutive --not statements", "Put one --not before one filter.");
}

function trailingNot(): FilterError {
  return new FilterError(
    "trailing --not found in the arguments",
    "Put the filter that it turns round after it.",
  );
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
