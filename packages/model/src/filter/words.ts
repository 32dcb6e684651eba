import { conditionsOf } from "./conditions.js";
import { conditionsOfWords, type FilterCondition, type FilterParts } from "./conditions-of-line.js";
import { FilterError } from "./filter-error.js";
import type { FlowSelection } from "./flow-filter.js";
import { checkPattern, compilePattern, type RegexCompiler } from "./patterns.js";
import { joinWords, splitLine } from "./split-line.js";
import { FilterTracker } from "./tracker.js";
import { applyFlag } from "./values.js";

export interface ParseOptions {
  /** Compiles regular expressions to find bad ones early; without it they are found when they are used. */
  regex?: RegexCompiler;
}

/** Characters in a filter line. */
export const MAX_FILTER_LINE = 4096;
/** The same where words come from a shell, which has no address bar to fit in. */
export const MAX_FILTER_WORDS = 16_384;
/** Flags in one filter: each is a condition on every row. */
export const MAX_FILTER_FLAGS = 200;

/**
 * The filter language of the real `hubble observe`: flags of one kind are alternatives,
 * flags of different kinds must all hold, `--not` turns the next one round.
 * @throws FilterError placed in the words as one line, which it carries
 */
export function parseFilterWords(
  words: readonly string[],
  options: ParseOptions = {},
): FlowSelection {
  const joined = joinWords(words);
  try {
    checkLength(joined.line, MAX_FILTER_WORDS);
    return selectionOf(conditionsOfWords(joined.words, false), joined.line, options);
  } catch (error) {
    throw error instanceof FilterError && error.at !== undefined
      ? error.placed(error.at, joined.line)
      : error;
  }
}

/**
 * The same from one line, quoted as in a shell.
 * @throws FilterError that says where
 */
export function parseFilterLine(line: string, options: ParseOptions = {}): FlowSelection {
  return selectionOf(readFilterLine(line), line, options);
}

/**
 * What a line says, flag by flag, before its values are looked at.
 * @param options `words`: words without a flag are kept instead of refused
 * @throws FilterError that says where
 */
export function readFilterLine(line: string, options: { words?: boolean } = {}): FilterParts {
  checkLength(line, MAX_FILTER_LINE);
  return conditionsOfWords(splitLine(line), options.words === true);
}

/** @throws FilterError that says where in `line` */
export function selectionOf(
  { conditions }: FilterParts,
  line: string,
  options: ParseOptions = {},
): FlowSelection {
  const over = conditions[MAX_FILTER_FLAGS];
  if (over !== undefined)
    throw new FilterError(
      `the filter has ${conditions.length} flags; ${MAX_FILTER_FLAGS} is the most`,
      "Use fewer or wider filters: a prefix of the pod name, a CIDR, a label.",
      { at: over.at },
    );
  const allow = new FilterTracker();
  const deny = new FilterTracker();
  for (const condition of conditions) {
    const { spec, value, not, at } = condition;
    const tracker = not ? deny : allow;
    inPlace(at, () => tracker.touch(spec.name));
    checkValue(condition, line, options);
    inPlace(at, () => {
      applyFlag(tracker, spec, value);
      tracker.checkNamespaces();
    });
  }
  const all: [number, number] = [0, line.length];
  const selection = inPlace(all, () => ({ allow: allow.filters(), deny: deny.filters() }));
  for (const not of [false, true]) {
    const last = conditions.findLast((one) => one.not === not);
    for (const filter of not ? selection.deny : selection.allow)
      inPlace(last?.at ?? all, () => conditionsOf(filter));
  }
  return selection;
}

/** Checks one value by itself, so that the error points at it and not at the whole line. */
function checkValue(
  { spec, value, valueAt }: FilterCondition,
  line: string,
  options: ParseOptions,
): void {
  inPlace(
    valueAt,
    () => {
      const alone = new FilterTracker();
      alone.touch(spec.name);
      applyFlag(alone, spec, value);
      for (const filter of alone.filters()) {
        conditionsOf(spec.name === "http-status" ? { http_status_code: [value] } : filter);
        const patterns = [filter.http_path, filter.http_url, filter.dns_query].flatMap(
          (list) => list ?? [],
        );
        for (const pattern of patterns) {
          if (options.regex === undefined) checkPattern(pattern);
          else compilePattern(pattern, options.regex);
        }
      }
    },
    insideValue(value, valueAt, line),
  );
}

/** Where the first character of the value stands, when it is spelt as it is meant. */
function insideValue(
  value: string,
  [start, end]: [number, number],
  line: string,
): number | undefined {
  const spelt = line.slice(start, end);
  if (spelt === value) return start;
  return spelt === `'${value}'` || spelt === `"${value}"` ? start + 1 : undefined;
}

function inPlace<T>(at: [number, number], run: () => T, inside?: number): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof FilterError) || error.at !== undefined) throw error;
    const { within } = error;
    // The end of a value has no character of its own to point at.
    const exact = within !== undefined && inside !== undefined && within[0] < within[1];
    throw error.placed(exact ? [inside + within[0], inside + within[1]] : at);
  }
}

function checkLength(line: string, most: number): void {
  if (line.length <= most) return;
  throw new FilterError(
    `the filter is longer than ${most} characters`,
    "Use fewer or wider filters: a prefix of the pod name, a CIDR, a label.",
    { at: [most, line.length] },
  );
}
