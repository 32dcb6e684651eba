import type { CompleteAnswer, FilterFlag } from "@dropscope/model";
import type { Suggestion } from "./filter-help.js";

/** Values for a flag: what the store knows first, most frequent first, then the rest of the closed set. */
export function suggestionsOf(
  flag: FilterFlag | undefined,
  prefix: string,
  answer: CompleteAnswer | undefined,
): Suggestion[] {
  const typed = prefix.toLowerCase();
  const isLabel = flag?.complete === "label" || flag?.complete === "node-label";
  const seen = (answer?.values ?? []).map((text, index): Suggestion => {
    const found: Suggestion = { text };
    const note = answer?.notes?.[index];
    if (note !== undefined) found.note = note;
    // A key: `=` and a value may follow.
    if (isLabel && !text.includes("=")) found.open = true;
    return found;
  });
  const known = new Set(answer?.values);
  const others = (flag?.values ?? []).filter(
    (value) => value.toLowerCase().includes(typed) && !known.has(value),
  );
  return [...seen, ...others.map((text): Suggestion => ({ text }))];
}
