import { DropscopeError, EXIT, flowRow, type FlowRow } from "@dropscope/model";
import type { FlowQuery } from "../reader.js";
import { bounded, nearEnd, NEAR_ROWS, NEAR_STEPS, spanOf, type Bounded } from "./bounds.js";
import { isUuid } from "./condition-sql.js";
import { seenFlows } from "./flows.js";
import type { LookupCache } from "./lookup.js";
import { Params } from "./params.js";
import { allRecords, FLOW_SELECT, type FlowRecord } from "./record.js";
import type { Runner } from "./run.js";
import { and } from "./sql.js";
import { timeSql } from "./time-sql.js";
import { whereOf } from "./where.js";

export type PageQuery = FlowQuery & { limit: number; cursor?: string };

const MAX_PAGE = 10_000;

/** One page, newest first; the cursor is the last row of the page before. */
export async function page(
  run: Runner,
  lookup: LookupCache,
  query: PageQuery,
  signal: AbortSignal | undefined,
): Promise<{ rows: FlowRow[]; next?: string }> {
  const limit = Math.max(1, Math.min(MAX_PAGE, Math.floor(query.limit)));
  const after = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  const until =
    after !== undefined && (query.until === undefined || after.timeNs < query.until)
      ? after.timeNs
      : query.until;
  const wanted = limit + 1;
  const { since } = query;
  const ends = {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
  const parted = wanted > NEAR_ROWS ? undefined : nearEnd(ends, "newest");
  const near = parted && { ...query, ...parted.near };
  const rows = near === undefined ? [] : await newest(run, near, wanted, after, signal);
  const older = parted === undefined ? ends : parted.rest;
  if (older !== undefined && rows.length < wanted)
    rows.push(
      ...(await olderRows(
        run,
        { ...query, ...older },
        wanted - rows.length,
        near === undefined ? { steps: 0, after } : { steps: NEAR_STEPS },
        signal,
      )),
    );
  const kept = rows.slice(0, limit);
  const flows = await seenFlows(kept, query.viewer, lookup, signal);
  const last = kept.at(-1);
  return {
    rows: flows.map((seen) => flowRow(seen.flow, seen.id)),
    ...(rows.length > limit && last !== undefined ? { next: `${last.time_ns}.${last.uuid}` } : {}),
  };
}

/** The newest rows of a range, or those behind a cursor, newest first. */
function newest(
  run: Runner,
  range: FlowQuery,
  count: number,
  after: Cursor | undefined,
  signal: AbortSignal | undefined,
): Promise<FlowRecord[]> {
  const params = new Params();
  const where = and([
    whereOf(range, params),
    after === undefined
      ? "1"
      : `(time, uuid) < (${timeSql(after.timeNs, params)}, ${params.add("UUID", after.uuid)})`,
  ]);
  return allRecords(
    run,
    `SELECT ${FLOW_SELECT} FROM flows WHERE ${where} ORDER BY time DESC, uuid DESC LIMIT ${params.add("UInt64", BigInt(count))}`,
    params,
    signal,
  );
}

/** The same of a range of any length: where they lie is found first. */
async function olderRows(
  run: Runner,
  query: FlowQuery,
  count: number,
  { steps, after }: { steps: number; after?: Cursor | undefined },
  signal: AbortSignal | undefined,
): Promise<FlowRecord[]> {
  const range = await bounded(run, query, signal);
  if (range === undefined) return [];
  const span = await wideEnough(run, range, count, after, steps, signal);
  return span === undefined ? [] : newest(run, { ...range, ...span }, count, after, signal);
}

/** The span of the newest flows; behind a cursor some of its first nanosecond were already given. */
async function wideEnough(
  run: Runner,
  range: Bounded,
  count: number,
  after: Cursor | undefined,
  steps: number,
  signal: AbortSignal | undefined,
): Promise<{ since: bigint; until: bigint } | undefined> {
  if (after === undefined || after.timeNs > range.until) {
    const span = await spanOf(run, range, count, "newest", signal, steps);
    return span === undefined ? undefined : { since: span.since, until: span.until };
  }
  const older = { ...range, until: after.timeNs - 1n };
  const span = await spanOf(run, older, count, "newest", signal, steps);
  return { since: span?.since ?? after.timeNs, until: after.timeNs };
}

interface Cursor {
  timeNs: bigint;
  uuid: string;
}

function parseCursor(text: string): Cursor {
  const [time = "", uuid = ""] = text.split(".");
  if (!/^-?[0-9]{1,19}$/.test(time) || !isUuid(uuid)) {
    throw new DropscopeError(
      "CURSOR_INVALID",
      "the cursor of the page is not one that was given out",
      {
        next: "Start again without a cursor.",
        exitCode: EXIT.usage,
      },
    );
  }
  return { timeNs: BigInt(time), uuid: uuid.toLowerCase() };
}
