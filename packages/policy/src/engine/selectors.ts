import type { Requirement, Selector } from "../selector.js";
import type { LabelSet } from "./label-sets.js";
import type { Vocabulary } from "./vocabulary.js";

/** A selector in numbers. Equal selectors are one object, whatever order their requirements were written in. */
export interface CompiledSelector {
  readonly id: number;
  readonly requirements: readonly CompiledRequirement[];
}

export interface CompiledRequirement {
  readonly key: number;
  readonly operator: Requirement["operator"];
  /** Pairs of the key, for In and NotIn. */
  readonly pairs: readonly number[];
}

export interface Selectors {
  compile(selector: Selector): CompiledSelector;
}

export function createSelectors(vocabulary: Vocabulary): Selectors {
  const byText = new Map<string, CompiledSelector>();
  return {
    compile: (selector) => {
      const parts = new Map<string, CompiledRequirement>();
      for (const requirement of selector.requirements) {
        const compiled = compileRequirement(requirement, vocabulary);
        parts.set(`${compiled.key} ${compiled.operator} ${compiled.pairs.join()}`, compiled);
      }
      const text = [...parts.keys()].sort().join(";");
      let found = byText.get(text);
      if (found === undefined) {
        found = { id: byText.size, requirements: [...parts.values()] };
        byText.set(text, found);
      }
      return found;
    },
  };
}

function compileRequirement(
  { source, key: name, operator, values }: Requirement,
  vocabulary: Vocabulary,
): CompiledRequirement {
  const key = vocabulary.key(source, name);
  vocabulary.use(key);
  const pairs = [...new Set(values.map((value) => vocabulary.pair(key, value)))];
  return { key, operator, pairs: pairs.sort((a, b) => a - b) };
}

export function selectorMatches(selector: CompiledSelector, set: LabelSet): boolean {
  for (const requirement of selector.requirements)
    if (!requirementHolds(requirement, set)) return false;
  return true;
}

function requirementHolds({ key, operator, pairs }: CompiledRequirement, set: LabelSet): boolean {
  // Only keys in use are listed, so that this is a handful.
  const at = set.keys.indexOf(key);
  switch (operator) {
    case "In":
      return at >= 0 && includes(pairs, set.pairs[at]);
    case "NotIn":
      return at < 0 || !includes(pairs, set.pairs[at]);
    case "Exists":
      return at >= 0;
    case "DoesNotExist":
      return at < 0;
  }
}

/** `sorted` is ascending; long lists of values are searched by halves. */
function includes(sorted: readonly number[], wanted: number | undefined): boolean {
  if (wanted === undefined) return false;
  if (sorted.length <= 16) return sorted.includes(wanted);
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const value = sorted[middle] ?? 0;
    if (value === wanted) return true;
    if (value < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

/**
 * Where to look for the label sets that a selector matches, or for the selectors
 * that match a label set: under pairs of which one must be there, under a key
 * that must be there, or everywhere.
 */
export type Pivot =
  | { readonly of: "pairs"; readonly pairs: readonly number[] }
  | { readonly of: "key"; readonly key: number }
  | { readonly of: "all" };

/** The pivot that the least stands under. `sizeOf` tells how much that is. */
export function choosePivot(selector: CompiledSelector, sizeOf: (pivot: Pivot) => number): Pivot {
  let best: Pivot = { of: "all" };
  let size = Number.POSITIVE_INFINITY;
  for (const { key, operator, pairs } of selector.requirements) {
    const pivot: Pivot | undefined =
      operator === "In"
        ? { of: "pairs", pairs }
        : operator === "Exists"
          ? { of: "key", key }
          : undefined;
    if (pivot === undefined) continue;
    const there = sizeOf(pivot);
    if (there < size) [best, size] = [pivot, there];
  }
  return best;
}
