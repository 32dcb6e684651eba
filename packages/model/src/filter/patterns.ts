import { FilterError } from "./filter-error.js";

/** Compiles a regular expression of RE2 syntax; throws on one that is not. */
export type RegexCompiler = (re2: string) => { test(text: string): boolean };

/** Steps that a pattern may unroll to. RE2 matches in linear time, but what it compiles grows with its repeats. */
const MAX_STEPS = 10_000;

const NEXT =
  "Use RE2 syntax (https://github.com/google/re2/wiki/Syntax): no look-around, no back-references.";

/** @throws FilterError for a pattern that the compiler refuses, or that would unroll to more than it may */
export function compilePattern(
  pattern: string,
  compile: RegexCompiler,
): { test(text: string): boolean } {
  checkPattern(pattern);
  try {
    return compile(pattern);
  } catch {
    throw new FilterError(`${JSON.stringify(pattern)} is not a regular expression`, NEXT);
  }
}

/**
 * Refuses what is small to write and huge to compile: `((a{100}){100}){100}` is a million steps.
 * @throws FilterError
 */
export function checkPattern(pattern: string): void {
  if (steps(pattern) > MAX_STEPS)
    throw new FilterError(
      `${JSON.stringify(pattern.slice(0, 80))} repeats more than ${MAX_STEPS} steps`,
      "Use smaller counts, or * and +, which cost nothing.",
    );
}

/** How many single steps a pattern unrolls to, from above: each counted repeat multiplies what it repeats. */
function steps(pattern: string): number {
  const open: number[] = [];
  let sum = 0;
  let atom = 0;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === "(") {
      open.push(sum + atom);
      sum = 0;
      atom = 0;
    } else if (char === ")") {
      const inner = sum + atom;
      sum = open.pop() ?? 0;
      atom = inner;
    } else if (char === "{") {
      const counts = /^\{([0-9]{1,9})(?:,([0-9]{0,9}))?\}/.exec(pattern.slice(at, at + 24));
      if (counts === null) {
        sum += atom;
        atom = 1;
      } else {
        atom *= Math.max(1, Number(counts[1]), Number(counts[2] ?? 0));
        at += counts[0].length - 1;
      }
    } else {
      sum += atom;
      atom = 1;
      if (char === "\\") at += 1;
      else if (char === "[") at = classEnd(pattern, at);
    }
    if (sum + atom > MAX_STEPS) return sum + atom;
  }
  return open.reduce((all, one) => all + one, sum + atom);
}

/** Index of the bracket that closes a class; one right after its beginning is a member. */
function classEnd(pattern: string, open: number): number {
  let at = open + 1;
  if (pattern[at] === "^") at += 1;
  if (pattern[at] === "]") at += 1;
  for (; at < pattern.length && pattern[at] !== "]"; at++) if (pattern[at] === "\\") at += 1;
  return at;
}
