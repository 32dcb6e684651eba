import {
  enumName,
  foldGaps,
  formatTimeNs,
  isOutage,
  LOST_EVENT_SOURCES,
  OUTAGE_CAUSES,
  OUTAGE_FORGOTTEN_MS,
  type Gap,
  type GapCause,
  type LostEvents,
  type ObservedItem,
} from "@dropscope/model";
import type { LandedBatch, TimeRange } from "../reader.js";
import { given, long, text } from "./given.js";
import { Params } from "./params.js";
import type { Runner } from "./run.js";
import { and } from "./sql.js";
import { rangeSql, timeSql } from "./time-sql.js";

/** An item of a stream, with the time by which streams are merged. */
export interface TimedItem {
  timeNs: bigint;
  item: ObservedItem;
}

interface GapRow {
  time_ns: string;
  node: string;
  cause: GapCause;
  source: number;
  count: string;
  from_ns: string | null;
  to_ns: string | null;
  cpu: number | null;
  message: string;
}

const GAP_SELECT = `toUnixTimestamp64Nano(time) AS time_ns, node, cause, source, count,
  toUnixTimestamp64Nano(lost_from) AS from_ns, toUnixTimestamp64Nano(lost_to) AS to_ns, cpu, message`;

/** More gaps than a page can show are cut, newest kept. */
const MAX_GAPS = 10_000;

/** Losses that Hubble itself reported, oldest first, as the messages they were. */
export async function* lostEvents(
  run: Runner,
  range: TimeRange & { batches?: readonly Pick<LandedBatch, "id">[] },
  signal: AbortSignal | undefined,
): AsyncIterable<TimedItem> {
  const params = new Params();
  const where = and(["source >= 0", rangeSql(range, params), broughtBy(range.batches, params)]);
  // Hubble repeats what it has told after a resume: the same loss has the same id.
  const sql = `SELECT ${GAP_SELECT} FROM gaps WHERE ${where} ORDER BY gaps.time, id LIMIT 1 BY id`;
  for await (const rows of run.stream<GapRow>(sql, params, signal)) {
    for (const row of rows) {
      const timeNs = BigInt(row.time_ns);
      const item = given({
        lost_events: lostOf(row),
        node_name: text(row.node),
        time: timeNs === 0n ? undefined : formatTimeNs(timeNs),
      });
      yield { timeNs, item };
    }
  }
}

/** Rows that these batches brought. */
function broughtBy(
  batches: readonly Pick<LandedBatch, "id">[] | undefined,
  params: Params,
): string {
  if (batches === undefined) return "1";
  const ids = batches.map(({ id }) => id);
  return `batch IN ${params.add("Array(UInt64)", ids)}`;
}

/** What a tail tells of nodes: outages that began or ended, as the batches brought them, oldest first. */
export async function outagesOf(
  run: Runner,
  batches: readonly Pick<LandedBatch, "id">[],
  signal: AbortSignal | undefined,
): Promise<Gap[]> {
  const params = new Params();
  const where = and(["source < 0", broughtBy(batches, params)]);
  const rows = await run.rows<GapRow>(
    `SELECT ${GAP_SELECT} FROM gaps WHERE ${where} ORDER BY gaps.time, id LIMIT 1 BY id LIMIT ${MAX_GAPS}`,
    params,
    signal,
  );
  return rows.map(gapOf);
}

const OUTAGE = `cause IN (${OUTAGE_CAUSES.map((cause) => `'${cause}'`).join(", ")})`;
/** A row that says that an outage began. */
export const GAP_OPENING = `(lost_to IS NULL AND ${OUTAGE})`;
/** What the rows of one outage share. */
export const GAP_OUTAGE_KEY = "(node, cause, ifNull(lost_from, toDateTime64(0, 9, 'UTC')))";
/** Wherever the row lies that closes an outage: outside of the range it still ends it. */
const CLOSED = `(${GAP_OPENING} AND ${GAP_OUTAGE_KEY} IN (SELECT ${GAP_OUTAGE_KEY} FROM gaps WHERE lost_to IS NOT NULL AND ${OUTAGE}))`;
const FIRST = "least(time, ifNull(lost_from, time))";
/** The last moment that a row speaks of. */
export const GAP_LAST = `if(${GAP_OPENING}, time + toIntervalMillisecond(${OUTAGE_FORGOTTEN_MS}), greatest(time, ifNull(lost_to, time)))`;

/**
 * Everything that is known to be missing in a range, oldest first. A loss with a span counts where its
 * span lies; an outage is one gap, and lasts where no row closes it.
 */
export async function gapsIn(
  run: Runner,
  range: TimeRange,
  signal: AbortSignal | undefined,
): Promise<Gap[]> {
  const rows = await gapRows(run, range, `NOT ${CLOSED}`, signal);
  return foldGaps(rows.map(gapOf));
}

/**
 * The same, for who asks again and again about a short time: whether an outage ended, which takes
 * longer than all the rest, is asked only where one began and its end is not in sight.
 */
export async function gapsInShort(
  run: Runner,
  range: TimeRange,
  signal: AbortSignal | undefined,
): Promise<Gap[]> {
  const gaps = foldGaps((await gapRows(run, range, "1", signal)).map(gapOf));
  const isOpen = gaps.some((gap) => isOutage(gap) && gap.to === undefined);
  return isOpen ? gapsIn(run, range, signal) : gaps;
}

/** Oldest first. */
async function gapRows(
  run: Runner,
  range: TimeRange,
  which: string,
  signal: AbortSignal | undefined,
): Promise<GapRow[]> {
  const params = new Params();
  const where = and([gapsWithin(range, params), which]);
  const rows = await run.rows<GapRow>(
    `SELECT ${GAP_SELECT} FROM gaps WHERE ${where} ORDER BY gaps.time DESC, id LIMIT 1 BY id LIMIT ${MAX_GAPS}`,
    params,
    signal,
  );
  return rows.toReversed();
}

/** Whether nothing at all is known to be missing in a range, and so in no part of it: then nobody has to ask what. */
export async function nothingLost(
  run: Runner,
  range: TimeRange,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const params = new Params();
  const rows = await run.rows<object>(
    `SELECT 1 AS lost FROM gaps WHERE ${gapsWithin(range, params)} LIMIT 1`,
    params,
    signal,
  );
  return rows.length === 0;
}

/** Rows that speak of a range. */
function gapsWithin(range: TimeRange, params: Params): string {
  return and([
    range.since === undefined ? "1" : `${GAP_LAST} >= ${timeSql(range.since, params)}`,
    range.until === undefined ? "1" : `${FIRST} <= ${timeSql(range.until, params)}`,
  ]);
}

function lostOf(row: GapRow): LostEvents {
  return given({
    source: row.source === 0 ? undefined : enumName(LOST_EVENT_SOURCES, row.source),
    num_events_lost: long(row.count),
    cpu: row.cpu ?? undefined,
    first: row.from_ns === null ? undefined : formatTimeNs(BigInt(row.from_ns)),
    last: row.to_ns === null ? undefined : formatTimeNs(BigInt(row.to_ns)),
  });
}

function gapOf(row: GapRow): Gap {
  return {
    time: formatTimeNs(BigInt(row.time_ns)),
    node: row.node,
    cause: row.cause,
    count: Number(row.count),
    ...(row.from_ns === null ? {} : { from: formatTimeNs(BigInt(row.from_ns)) }),
    ...(row.to_ns === null ? {} : { to: formatTimeNs(BigInt(row.to_ns)) }),
    ...(row.cpu === null ? {} : { cpu: row.cpu }),
    ...(row.message === "" ? {} : { message: row.message }),
  };
}
