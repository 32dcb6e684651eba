import { type Condition, conditionsOf, type FlowFilter } from "@dropscope/model";
import type { FlowQuery } from "../reader.js";
import { fitsRollup, minuteWhere } from "./minute-sql.js";
import type { Params } from "./params.js";

/**
 * A question over `edges_1m`; undefined when it needs more than the rollup knows: verdict, reason,
 * event type, direction and namespaces.
 */
export function edgeWhere(query: FlowQuery, params: Params): string | undefined {
  return fitsEdges(query) ? minuteWhere(query, params) : undefined;
}

/**
 * Whether edges can be told from the counts of whole minutes. There the ends are client and server,
 * which of an answer are not source and destination: a filter that means both ends alike
 * (`--namespace`) can be told, one that means the source cannot.
 */
export function fitsEdges(query: Pick<FlowQuery, "viewer" | "selection">): boolean {
  const { allow, deny } = query.selection;
  return (
    fitsRollup(query) &&
    [...allow, ...deny].every((filter) => conditionsOf(filter).every(({ on }) => on !== "node")) &&
    isSymmetric(allow) &&
    isSymmetric(deny)
  );
}

/** With source and destination exchanged the filters are the same ones. */
function isSymmetric(filters: readonly FlowFilter[]): boolean {
  const keys = (turn: (condition: Condition) => Condition): string =>
    filters
      .map((filter) =>
        conditionsOf(filter)
          .map((condition) => JSON.stringify(turn(condition)))
          .sort()
          .join(),
      )
      .sort()
      .join(";");
  return keys((condition) => condition) === keys(turned);
}

function turned(condition: Condition): Condition {
  if (condition.on !== "pod") return condition;
  return { ...condition, end: condition.end === "source" ? "destination" : "source" };
}
