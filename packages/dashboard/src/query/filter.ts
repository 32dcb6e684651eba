import { RE2JS } from "re2js";
import {
  compileSelection,
  FilterError,
  type FlowFilter,
  type FlowSelection,
  parseFilterLine,
} from "@dropscope/model";
import { Problem, sentence } from "../problem.js";

/** Linear-time, and the syntax of the engine: what passes here passes there. */
export function regex(pattern: string): { test(text: string): boolean } {
  const compiled = RE2JS.compile(pattern);
  return { test: (text) => compiled.matcher(text).find() };
}

/**
 * A line in the CLI's language → what to select.
 * @throws Problem 400 `FILTER_INVALID`, `FILTER_UNSUPPORTED`, with the place in the line
 */
export function parseFilter(line: string): FlowSelection {
  try {
    const selection = parseFilterLine(line, { regex });
    // Finds now what the store could only find in the middle of its work.
    compileSelection(selection, { regex });
    return selection;
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new Problem(400, error.code, sentence(error.message), error.next, { at: error.at });
  }
}

/** One text for each meaning, so that equal views share a live room. */
export function selectionKey(selection: FlowSelection): string {
  return JSON.stringify([sorted(selection.allow), sorted(selection.deny)]);
}

function sorted(filters: readonly FlowFilter[]): string[] {
  return [...new Set(filters.map((filter) => JSON.stringify(canonical(filter))))].sort();
}

/** Values of one field are alternatives, so neither their order nor a repeat means anything. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    return [...new Set(value.map((item) => JSON.stringify(canonical(item))))].sort();
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, canonical(inner)]);
}
