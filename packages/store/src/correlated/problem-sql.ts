import type { ProblemState, Viewer } from "@dropscope/model";
import type { Params } from "../read/params.js";
import { and, or } from "../read/sql.js";
import type { TimeRange } from "../reader.js";
import { idNumber } from "./ids.js";
import type { ProblemQuery } from "./types.js";

const MINUTE_MS = 60_000;
const RATE_MINUTES = 5;
const MS_NS = 1_000_000n;
/** Of a DateTime. */
const LAST_SECOND = 4_294_967_295n;

/** A row of `problemsSql`. */
export interface ProblemRow {
  id: string;
  record: string;
  drops: string;
  verdicts: string;
  recent_drops: string;
  recent_verdicts: string;
  /** Minutes in which it happened, s since 1970; only where a moment of the past is asked about. */
  minutes?: number[];
}

/** A denied packet is told twice, and both tell of the same packets: what there is more of counts. */
export function countOf(drops: string, verdicts: string): number {
  return Math.max(Number(drops), Number(verdicts));
}

/** The whole minutes before `now` (or before the end of the range) that a rate speaks of. */
export function perMinute(row: Pick<ProblemRow, "recent_drops" | "recent_verdicts">): number {
  return countOf(row.recent_drops, row.recent_verdicts) / RATE_MINUTES;
}

/** Problems with their counts; what is going on comes first. @param now ms since 1970 @param episodeMs how long nothing may come of what is going on */
export function problemsSql(
  query: Omit<ProblemQuery, "limit"> & { readonly ids?: readonly string[]; readonly limit: number },
  { now, episodeMs }: { readonly now: number; readonly episodeMs: number },
  params: Params,
): string {
  const { range = {}, states, outcomes, namespace, ids, asOf } = query;
  const until = range.until === undefined ? now : Math.min(now, Number(range.until / MS_NS));
  const end = Math.floor(until / MINUTE_MS) * MINUTE_MS;
  const recent = and([
    `minute >= ${minuteSql(BigInt(end - RATE_MINUTES * MINUTE_MS) * MS_NS, params)}`,
    `minute < ${minuteSql(BigInt(end) * MS_NS, params)}`,
  ]);
  const some = ids === undefined ? "1" : `IN ${params.add("Array(UInt64)", ids.map(idNumber))}`;
  const ofIds = (column: string): string => (some === "1" ? "1" : `${column} ${some}`);
  const quiet = `fromUnixTimestamp64Milli(${params.add("Int64", BigInt(Math.floor(now) - episodeMs))}, 'UTC')`;
  const active = asOf === undefined ? `sighted_at > ${quiet}` : "1";
  const where = and([
    ofIds("id"),
    visibleSql(query.viewer, ["src_namespace", "dst_namespace"], params),
    namespace === undefined
      ? "1"
      : or(
          ["src_namespace", "dst_namespace"].map(
            (column) => `${column} = ${params.add("String", namespace)}`,
          ),
        ),
    outcomes === undefined ? "1" : `outcome IN ${params.add("Array(String)", outcomes)}`,
    // What is kept of a problem tells how it is, not how it was.
    asOf === undefined ? stateSql(states, active) : "1",
  ]);
  const counted = `SELECT problem, sum(m.drops) AS drops, sum(m.verdicts) AS verdicts,
      ${asOf === undefined ? "" : "groupUniqArray(toUInt32(toUnixTimestamp(minute))) AS minutes, "}sumIf(m.drops, ${recent}) AS recent_drops, sumIf(m.verdicts, ${recent}) AS recent_verdicts
    FROM problem_minutes AS m WHERE ${and([ofIds("problem"), minutesSql(range, params)])} GROUP BY problem`;
  return `SELECT toString(id) AS id, record, c.drops AS drops, c.verdicts AS verdicts,
      c.recent_drops AS recent_drops, c.recent_verdicts AS recent_verdicts${asOf === undefined ? "" : ", c.minutes AS minutes"}
    FROM (SELECT id, record, last_seen, ${active} AS active FROM problems FINAL WHERE ${where}) AS p
    INNER JOIN (${counted}) AS c ON c.problem = p.id
    ORDER BY active DESC, greatest(c.recent_drops, c.recent_verdicts) DESC, last_seen DESC, id
    LIMIT ${params.add("UInt64", BigInt(query.limit))}`;
}

/** What of the states the columns tell; the rest is told apart when the rows are read. */
function stateSql(states: readonly ProblemState[] | undefined, active: string): string {
  if (states === undefined) return "1";
  if (!states.includes("resolved")) return active;
  return states.length === 1 ? `NOT (${active})` : "1";
}

function minutesSql({ since, until }: TimeRange, params: Params): string {
  return and([
    since === undefined ? "1" : `minute >= ${minuteSql(since, params)}`,
    until === undefined ? "1" : `minute <= ${minuteSql(until, params)}`,
  ]);
}

/** Start of the minute, for a DateTime column. */
export function minuteSql(ns: bigint, params: Params): string {
  const seconds = ns / 1_000_000_000n;
  const clamped = seconds < 0n ? 0n : seconds > LAST_SECOND ? LAST_SECOND : seconds;
  return `toDateTime(${params.add("UInt32", clamped - (clamped % 60n))}, 'UTC')`;
}

/** Rows of which one end lies in a namespace of the viewer. */
export function visibleSql(viewer: Viewer, columns: readonly string[], params: Params): string {
  if (viewer.namespaces === "all") return "1";
  const own = params.add(
    "Array(String)",
    viewer.namespaces.filter((namespace) => namespace !== ""),
  );
  return or(columns.map((column) => `has(${own}, ${column})`));
}
