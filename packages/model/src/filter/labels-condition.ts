import type { Condition, End } from "./condition.js";
import { FilterError } from "./filter-error.js";
import { parseLabelSelector } from "./labels.js";

/** Requirements of all selectors of one field: each is a search through every label set. */
export const MAX_REQUIREMENTS = 100;

/** @throws FilterError for a selector that means nothing, and for more of them than may be asked at once */
export function labelsCondition(end: End | "node", texts: readonly string[]): Condition {
  const selectors = texts.map(parseLabelSelector);
  const count = selectors.reduce((sum, { requirements }) => sum + requirements.length, 0);
  if (count > MAX_REQUIREMENTS)
    throw new FilterError(
      `the label selectors have ${count} requirements; ${MAX_REQUIREMENTS} is the most`,
      "Put values of one key together: app in (a, b, c).",
    );
  return { on: "labels", end, selectors };
}
