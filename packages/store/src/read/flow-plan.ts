import type { FlowQuery, LandedBatch, TimeRange } from "../reader.js";
import { bounded, spanOf, type Bounded } from "./bounds.js";
import { Params } from "./params.js";
import { FLOW_SELECT } from "./record.js";
import type { Runner } from "./run.js";
import { whereOf } from "./where.js";

export type ObserveQuery = FlowQuery & {
  first?: number;
  last?: number;
  batches?: readonly LandedBatch[];
};

/** Rows that are sorted at once: a longer answer is read in windows of time. */
export const WINDOW_ROWS = 50_000;

/** How flows of any number are read oldest first: window by window, each sorted in the engine. */
export interface FlowPlan {
  /** Oldest first; none when there is nothing to read. */
  readonly windows: readonly Window[];
  /** Rows to leave out at the beginning: others of the nanosecond in which the newest N begin. */
  readonly skip: number;
  /** Rows to give after them. */
  readonly limit: number;
  /** Where losses are asked for: of the newest N those since the first of them, of the oldest N those up to the last. */
  readonly losses: TimeRange;
  /** The query for one window; the rows have the columns of `FLOW_SELECT`. */
  sqlOf(window: Window, params: Params): string;
}

export interface Window {
  since: bigint;
  until: bigint;
  rows: number;
}

/**
 * @param known steps of `spanOf` that were looked at before
 * @throws FilterError
 */
export async function planFlows(
  run: Runner,
  query: ObserveQuery,
  windowRows: number,
  signal: AbortSignal | undefined,
  known = 0,
): Promise<FlowPlan> {
  const wanted = query.first ?? query.last;
  const from = query.first === undefined ? "newest" : "oldest";
  const range = await bounded(run, query, signal);
  const span =
    range === undefined ? undefined : await spanFor(run, range, wanted, from, signal, known);
  const losses = {
    ...given(
      "since",
      from === "newest" && wanted !== undefined ? (span?.since ?? query.since) : query.since,
    ),
    ...given(
      "until",
      from === "oldest" && wanted !== undefined ? (span?.until ?? query.until) : query.until,
    ),
  };
  if (range === undefined || span === undefined)
    return { windows: [], skip: 0, limit: 0, losses, sqlOf: () => "" };

  const small = span.found <= windowRows;
  const whole: Bounded = { ...range, since: span.since, until: span.until };
  const windows = small
    ? [{ since: span.since, until: span.until, rows: span.found }]
    : await windowsOf(run, whole, windowRows, signal);
  const limit = wanted === undefined ? Number.POSITIVE_INFINITY : Math.min(wanted, span.found);
  const total = windows.reduce((sum, window) => sum + window.rows, 0);
  return {
    windows,
    skip: from === "newest" && wanted !== undefined && !small ? Math.max(0, total - limit) : 0,
    limit,
    losses,
    sqlOf(window, params) {
      const where = whereOf({ ...range, since: window.since, until: window.until }, params);
      if (!small || wanted === undefined)
        return `SELECT ${FLOW_SELECT} FROM flows WHERE ${where} ORDER BY time, uuid`;
      return endSql(where, limit, from, params);
    },
  };
}

/** The newest or the oldest flows that fit, oldest first. What few rows have is read of these rows alone. */
export function endSql(
  where: string,
  count: number,
  from: "newest" | "oldest",
  params: Params,
): string {
  const order = from === "newest" ? "time DESC, uuid DESC" : "time ASC, uuid ASC";
  const rows = `SELECT ${FLOW_SELECT} FROM flows WHERE ${where} ORDER BY ${order} LIMIT ${params.add("UInt64", BigInt(count))}`;
  return from === "newest" ? `SELECT * FROM (${rows}) ORDER BY time_ns, uuid` : rows;
}

/** The part of a range that is read, and how many rows it holds (not known where all are wanted). */
async function spanFor(
  run: Runner,
  range: Bounded,
  wanted: number | undefined,
  from: "newest" | "oldest",
  signal: AbortSignal | undefined,
  known: number,
): Promise<(Window & { found: number }) | undefined> {
  if (wanted === 0) return undefined;
  if (wanted === undefined) return { ...endsOf(range), rows: 0, found: Number.POSITIVE_INFINITY };
  const span = await spanOf(run, range, wanted, from, signal, known);
  return span === undefined ? undefined : { ...span, rows: span.found };
}

function endsOf(range: Bounded): { since: bigint; until: bigint } {
  return { since: range.since, until: range.until };
}

function given<K extends "since" | "until">(
  name: K,
  value: bigint | undefined,
): { [_ in K]?: bigint } {
  return value === undefined ? {} : ({ [name]: value } as { [_ in K]: bigint });
}

const MINUTE_NS = 60_000_000_000n;
const SECOND_NS = 1_000_000_000n;

/** Cuts a range into windows that can each be sorted in memory: runs of minutes, of seconds where a minute is full. */
export async function windowsOf(
  run: Runner,
  range: Bounded,
  windowRows: number,
  signal: AbortSignal | undefined,
): Promise<Window[]> {
  const minutes = await counts(run, range, MINUTE_NS, signal);
  const windows: Window[] = [];
  for (const minute of minutes) {
    if (minute.rows <= windowRows) windows.push(minute);
    else
      windows.push(
        ...(await counts(run, { ...range, ...within(minute, range) }, SECOND_NS, signal)),
      );
  }
  return joined(windows, range, windowRows);
}

async function counts(
  run: Runner,
  range: Bounded,
  step: bigint,
  signal: AbortSignal | undefined,
): Promise<Window[]> {
  const params = new Params();
  const where = whereOf(range, params);
  const bucket = `intDiv(toUnixTimestamp64Nano(time), ${params.add("Int64", step)})`;
  const rows = await run.rows<{ bucket: string; rows: string }>(
    `SELECT ${bucket} AS bucket, count() AS rows FROM flows WHERE ${where} GROUP BY bucket ORDER BY bucket`,
    params,
    signal,
  );
  return rows.map((row) => {
    const since = BigInt(row.bucket) * step;
    return { since, until: since + step - 1n, rows: Number(row.rows) };
  });
}

function within(window: Window, range: Bounded): { since: bigint; until: bigint } {
  return {
    since: window.since > range.since ? window.since : range.since,
    until: window.until < range.until ? window.until : range.until,
  };
}

/** Joins neighbours as long as they fit, and keeps to the ends of the range. */
function joined(windows: readonly Window[], range: Bounded, windowRows: number): Window[] {
  const result: Window[] = [];
  for (const window of windows) {
    const last = result.at(-1);
    if (last !== undefined && last.rows + window.rows <= windowRows) {
      last.until = window.until;
      last.rows += window.rows;
    } else result.push({ ...window });
  }
  return result.map((window) => Object.assign(window, within(window, range)));
}
