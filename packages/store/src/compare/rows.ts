import { edgeWhere } from "../read/edge-filter.js";
import { type EdgeKinds, rawEdges } from "../read/edge-source.js";
import { wholeMinutes } from "../read/minute-sql.js";
import type { Params } from "../read/params.js";
import { and, or } from "../read/sql.js";
import { timeSql } from "../read/time-sql.js";
import type { CompareQuery } from "./types.js";

type Range = CompareQuery["before"];

const COLUMNS = "src, dst, protocol, port, verdict, drop_reason, event_type, weight";

/**
 * Rows as those of `rawEdges`, each with whether it lies in either range; where the ranges overlap
 * a row lies in both. One pass over both: naming the ends is most of the work, of the engine's
 * planning too. Whole minutes come from the counts where they know what is filtered.
 */
export function edgeRows(query: CompareQuery, kinds: EdgeKinds, params: Params): string {
  const { viewer, selection, before, after } = query;
  const hull = {
    viewer,
    selection,
    since: before.since < after.since ? before.since : after.since,
    until: before.until > after.until ? before.until : after.until,
  };
  const where = edgeWhere(hull, params);
  const counted = ({ since, until }: Range): Range | undefined => {
    const { from, to } = wholeMinutes(since, until);
    return where === undefined || from === to ? undefined : { since: from, until: to - 1n };
  };
  const minutes = { before: counted(before), after: counted(after) };
  const raw = (column: string): [string, string] => [
    anyOf(besides(before, minutes.before), column, params),
    anyOf(besides(after, minutes.after), column, params),
  ];
  const flagged = (rows: string, [isBefore, isAfter]: readonly string[]): string =>
    `SELECT ${COLUMNS}, ${isBefore} AS is_before, ${isAfter} AS is_after FROM (${rows})`;
  const ends = raw("time");
  const flows = flagged(rawEdges(hull, kinds, params, or(ends)), raw("first"));
  const wholes = [minutes.before, minutes.after];
  if (where === undefined || wholes.every((whole) => whole === undefined)) return flows;
  const inMinutes = wholes.map((whole) =>
    whole === undefined ? "0" : within(whole, "minute", params),
  );
  const rows = countedRows(and([kinds.rollup, where]), inMinutes);
  return ends.every((end) => end === "0") ? rows : `${rows} UNION ALL ${flows}`;
}

const KEYS =
  "src_kind, src_namespace, src_name, dst_kind, dst_namespace, dst_name, protocol, port, verdict, drop_reason, event_type";

/** Summed before the ends are put together as text, which is most of the work: once an edge, not once a minute. */
function countedRows(where: string, [isBefore = "0", isAfter = "0"]: readonly string[]): string {
  const end = (side: "src" | "dst"): string =>
    `(toString(${side}_kind), toString(${side}_namespace), toString(${side}_name)) AS ${side}`;
  return `SELECT ${end("src")}, ${end("dst")}, toString(protocol) AS protocol, port, verdict, drop_reason, event_type, weight, is_before, is_after
    FROM (SELECT ${KEYS}, ${isBefore} AS is_before, ${isAfter} AS is_after, toUInt64(sum(count)) AS weight
      FROM edges_1m WHERE ${and([where, or([isBefore, isAfter])])} GROUP BY ${KEYS}, is_before, is_after)`;
}

/** What of a range lies before and behind its whole minutes; all of it where there are none. */
function besides({ since, until }: Range, whole: Range | undefined): Range[] {
  if (whole === undefined) return [{ since, until }];
  return [
    { since, until: whole.since - 1n },
    { since: whole.until + 1n, until },
  ].filter((part) => part.since <= part.until);
}

function anyOf(ranges: readonly Range[], column: string, params: Params): string {
  return or(ranges.map((range) => within(range, column, params)));
}

function within({ since, until }: Range, column: string, params: Params): string {
  const time = (ns: bigint): string =>
    column === "minute" ? `toDateTime(${timeSql(ns, params)}, 'UTC')` : timeSql(ns, params);
  return and([`${column} >= ${time(since)}`, `${column} <= ${time(until)}`]);
}
