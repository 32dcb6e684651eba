import type { TimeRange } from "../reader.js";
import type { Params } from "./params.js";
import { and } from "./sql.js";

const FIRST_NS = -(2n ** 63n);
const LAST_NS = 2n ** 63n - 1n;

/** A moment as a constant that an index can be searched by. */
export function timeSql(ns: bigint, params: Params): string {
  const clamped = ns < FIRST_NS ? FIRST_NS : ns > LAST_NS ? LAST_NS : ns;
  return `fromUnixTimestamp64Nano(${params.add("Int64", clamped)}, 'UTC')`;
}

/** Both ends inclusive. */
export function rangeSql(range: TimeRange, params: Params, column: "time" = "time"): string {
  return and([
    range.since === undefined ? "1" : `${column} >= ${timeSql(range.since, params)}`,
    range.until === undefined ? "1" : `${column} <= ${timeSql(range.until, params)}`,
  ]);
}
