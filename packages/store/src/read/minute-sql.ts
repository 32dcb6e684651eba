import { conditionsOf, nodeGlobRegex, type Condition, type FlowFilter } from "@dropscope/model";
import type { FlowQuery } from "../reader.js";
import type { Params } from "./params.js";
import { and, not, or } from "./sql.js";

const MINUTE_NS = 60_000_000_000n;

/** The whole minutes of a range: [from, to) in ns. What sticks out at the ends must be read from the flows. */
export function wholeMinutes(since: bigint, until: bigint): { from: bigint; to: bigint } {
  const from = ((since + MINUTE_NS - 1n) / MINUTE_NS) * MINUTE_NS;
  const to = ((until + 1n) / MINUTE_NS) * MINUTE_NS;
  return from < to ? { from, to } : { from, to: from };
}

/**
 * A question over `drops_1m` or, where the two agree, any table with the same columns:
 * verdict, reason, event type, direction, node and both namespaces. `undefined` when it
 * needs more than those. A viewer of some namespaces is answered from the flows: the
 * rollup cannot cut an end.
 */
export function minuteWhere(query: FlowQuery, params: Params): string | undefined {
  if (query.asOf !== undefined || !fitsRollup(query)) return undefined;
  const one = (filter: FlowFilter): string =>
    and(conditionsOf(filter).map((condition) => minuteCondition(condition, params)));
  const { allow, deny } = query.selection;
  return and([allow.length === 0 ? "1" : or(allow.map(one)), not(or(deny.map(one)))]);
}

/** Whether the counts of whole minutes can answer for this viewer and these filters, without a single flow being read. */
export function fitsRollup(query: Pick<FlowQuery, "viewer" | "selection">): boolean {
  const { allow, deny } = query.selection;
  return (
    query.viewer.namespaces === "all" &&
    [...allow, ...deny].flatMap((filter) => conditionsOf(filter)).every(isAnswerable)
  );
}

function isAnswerable(condition: Condition): boolean {
  switch (condition.on) {
    case "verdict":
    case "reason":
    case "direction":
    case "node":
      return true;
    case "event":
      return condition.types.every((want) => want.subType === undefined && want.type !== 0);
    case "pod":
      return condition.names.every((want) => want.prefix === "" && want.namespace !== "");
    default:
      return false;
  }
}

function minuteCondition(condition: Condition, params: Params): string {
  switch (condition.on) {
    case "verdict":
      return `verdict IN ${params.add("Array(UInt32)", condition.values)}`;
    case "reason":
      return `(verdict = 2 AND drop_reason IN ${params.add("Array(UInt32)", condition.values)})`;
    case "direction":
      return `direction IN ${params.add("Array(UInt32)", condition.values)}`;
    case "event":
      return or(condition.types.map((want) => `event_type = ${params.add("Int32", want.type)}`));
    case "pod": {
      const side = condition.end === "source" ? "src" : "dst";
      const names = condition.names.map((want) => want.namespace);
      return `has(${params.add("Array(String)", names)}, ${side}_namespace)`;
    }
    case "node": {
      const pattern = `^(?:${condition.globs.map(nodeGlobRegex).join("|")})$`;
      const full = "if(position(node, '/') = 0, concat('default/', node), node)";
      return and(["node != ''", `match(${full}, ${params.add("String", pattern)})`]);
    }
    default:
      return "0";
  }
}
