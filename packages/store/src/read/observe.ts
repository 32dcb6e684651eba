import type { ObservedItem } from "@dropscope/model";
import type { FlowQuery, LandedBatch } from "../reader.js";
import { bounded, spanOf, type Bounded } from "./bounds.js";
import { seenFlows } from "./flows.js";
import type { LookupCache } from "./lookup.js";
import { lostEvents, type TimedItem } from "./losses.js";
import { Params } from "./params.js";
import { FLOW_SELECT, flowRecords } from "./record.js";
import type { Runner } from "./run.js";
import { whereOf } from "./where.js";

export type ObserveQuery = FlowQuery & {
  first?: number;
  last?: number;
  batches?: readonly LandedBatch[];
};

/** Rows that are sorted at once: a longer answer is read in windows of time. */
export const WINDOW_ROWS = 50_000;

/** Flows and losses, oldest first. Losses are merged in by time and pass every filter. */
export async function* observe(
  run: Runner,
  lookup: LookupCache,
  query: ObserveQuery,
  windowRows: number,
  signal: AbortSignal | undefined,
): AsyncIterable<ObservedItem> {
  const range = await bounded(run, query, signal);
  const wanted = query.first ?? query.last;
  const from = query.first === undefined ? "newest" : "oldest";
  let span: { since: bigint; until: bigint; found: number } | undefined;
  if (range !== undefined && wanted !== 0) {
    span =
      wanted === undefined
        ? { ...range, found: Number.POSITIVE_INFINITY }
        : await spanOf(run, range, wanted, from, signal);
  }
  const flows =
    range === undefined || span === undefined
      ? none()
      : flowsIn(
          run,
          lookup,
          { ...range, since: span.since, until: span.until },
          { ...limitsOf(wanted, from, span.found), windowRows },
          signal,
        );
  if (query.batches !== undefined) {
    for await (const item of flows) yield item.item;
    return;
  }
  // Of the newest N, losses before the first of them are not asked for; of the oldest N, those after the last.
  const lossRange = {
    ...given(
      "since",
      from === "newest" && wanted !== undefined ? (span?.since ?? query.since) : query.since,
    ),
    ...given(
      "until",
      from === "oldest" && wanted !== undefined ? (span?.until ?? query.until) : query.until,
    ),
  };
  yield* merged(flows, lostEvents(run, lossRange, signal));
}

function given<K extends "since" | "until">(
  name: K,
  value: bigint | undefined,
): { [_ in K]?: bigint } {
  return value === undefined ? {} : ({ [name]: value } as { [_ in K]: bigint });
}

interface RowLimits {
  /** Rows to leave out at the beginning and to give after them, of the rows that span holds. */
  exactly?: { count: number; from: "newest" | "oldest" };
  /** Rows expected, to decide whether one sort can take them. */
  expected: number;
  windowRows: number;
}

function limitsOf(
  wanted: number | undefined,
  from: "newest" | "oldest",
  found: number,
): Omit<RowLimits, "windowRows"> {
  if (wanted === undefined) return { expected: found };
  return { exactly: { count: Math.min(wanted, found), from }, expected: found };
}

async function* flowsIn(
  run: Runner,
  lookup: LookupCache,
  range: Bounded,
  limits: RowLimits,
  signal: AbortSignal | undefined,
): AsyncIterable<TimedItem> {
  const small = limits.expected <= limits.windowRows;
  const windows = small
    ? [{ since: range.since, until: range.until, rows: limits.expected }]
    : await windowsOf(run, range, limits.windowRows, signal);
  const total = windows.reduce((sum, window) => sum + window.rows, 0);
  const { exactly } = limits;
  // The span ends at the N-th flow: others of the same nanosecond may lie beyond the limit.
  let skip = exactly?.from === "newest" && !small ? Math.max(0, total - exactly.count) : 0;
  let left = exactly?.count ?? Number.POSITIVE_INFINITY;
  for (const window of windows) {
    if (left === 0) return;
    const params = new Params();
    const where = whereOf({ ...range, since: window.since, until: window.until }, params);
    const inner =
      small && exactly !== undefined
        ? `SELECT ${FLOW_SELECT} FROM (SELECT * FROM flows WHERE ${where} ORDER BY time ${exactly.from === "newest" ? "DESC, uuid DESC" : "ASC, uuid ASC"} LIMIT ${params.add("UInt64", BigInt(exactly.count))}) ORDER BY time, uuid`
        : `SELECT ${FLOW_SELECT} FROM flows WHERE ${where} ORDER BY time, uuid`;
    for await (const rows of flowRecords(run, inner, params, signal, "reader")) {
      for (const seen of await seenFlows(rows, range.viewer, lookup, signal)) {
        if (skip > 0) {
          skip -= 1;
          continue;
        }
        if (left === 0) return;
        left -= 1;
        yield { timeNs: seen.timeNs, item: itemOf(seen.flow) };
      }
    }
  }
}

function itemOf(flow: NonNullable<ObservedItem["flow"]>): ObservedItem {
  return {
    flow,
    ...(flow.node_name === undefined ? {} : { node_name: flow.node_name }),
    ...(flow.time === undefined ? {} : { time: flow.time }),
  };
}

export interface Window {
  since: bigint;
  until: bigint;
  rows: number;
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

async function* none(): AsyncIterable<TimedItem> {}

async function* merged(
  flows: AsyncIterable<TimedItem>,
  losses: AsyncIterable<TimedItem>,
): AsyncIterable<ObservedItem> {
  const left = flows[Symbol.asyncIterator]();
  const right = losses[Symbol.asyncIterator]();
  try {
    let flow = await left.next();
    let loss = await right.next();
    while (flow.done !== true || loss.done !== true) {
      if (loss.done !== true && (flow.done === true || loss.value.timeNs <= flow.value.timeNs)) {
        yield loss.value.item;
        loss = await right.next();
      } else if (flow.done !== true) {
        yield flow.value.item;
        flow = await left.next();
      }
    }
  } finally {
    await Promise.allSettled([left.return?.(), right.return?.()]);
  }
}
