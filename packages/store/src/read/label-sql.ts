import {
  boundOf,
  isNegative,
  type LabelRequirement,
  type LabelSelector,
  labelsMatch,
  requirementRegex,
} from "@dropscope/model";
import type { Params } from "./params.js";
import { and, or } from "./sql.js";

/**
 * Flows carry the key of a label set; the sets that fit any of the selectors are looked up in
 * `identities`, once for all of them.
 */
export function labelsSql(
  column: string,
  selectors: readonly LabelSelector[],
  params: Params,
): string {
  const fits = or(
    selectors.map(({ requirements }) => and(requirements.map((need) => needSql(need, params)))),
  );
  // A flow without labels has no set.
  const bare = selectors.some((selector) => labelsMatch(selector, []));
  return or([
    bare ? `${column} = 0` : "0",
    `${column} IN (SELECT key FROM identities WHERE ${fits})`,
  ]);
}

function needSql(need: LabelRequirement, params: Params): string {
  const regex = params.add("String", requirementRegex(need));
  if (need.op === "above" || need.op === "below") {
    const sign = need.op === "above" ? ">" : "<";
    const number = `toInt64OrNull(extract(label, ${regex}))`;
    return `arrayExists(label -> ifNull(${number} ${sign} ${params.add("Int64", boundOf(need))}, 0), labels)`;
  }
  const found = `arrayExists(label -> match(label, ${regex}), labels)`;
  return isNegative(need) ? `NOT ${found}` : found;
}
