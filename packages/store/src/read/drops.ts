import {
  DROP_REASONS,
  DropscopeError,
  enumName,
  EXIT,
  type Timeline,
  type VerdictCount,
  VERDICTS,
} from "@dropscope/model";
import type { FlowQuery } from "../reader.js";
import { bounded, type Bounded } from "./bounds.js";
import { dropCount, FLOW_WEIGHT } from "./drop-count.js";
import { gapsIn } from "./losses.js";
import { minuteWhere, wholeMinutes } from "./minute-sql.js";
import { Params } from "./params.js";
import type { Runner } from "./run.js";
import { and } from "./sql.js";
import { timeSql } from "./time-sql.js";
import { whereOf } from "./where.js";

export type DropsQuery = FlowQuery & { stepMs: number };

const MAX_BUCKETS = 1500;
const MINUTE_MS = 60_000;
const MS_NS = 1_000_000n;

/**
 * Dropped flows by reason over time. Buckets lie on multiples of the step, so that they
 * stay where they are as the range moves on; the first and last may be covered in part.
 * @throws DropscopeError `QUERY_TOO_BROAD` for more than 1,500 buckets
 */
export async function drops(
  run: Runner,
  query: DropsQuery,
  signal: AbortSignal | undefined,
): Promise<Timeline> {
  const stepMs = Math.max(1, Math.floor(query.stepMs));
  const range = await bounded(run, query, signal);
  const shown = frame(query, range, stepMs);
  if (shown === undefined)
    return { from: 0, to: 0, stepMs, series: [], gaps: await gapsIn(run, query, signal) };
  const rows =
    range === undefined
      ? []
      : await counted(run, { ...range, selection: query.selection }, stepMs, signal);
  const series = new Map<string, number[]>();
  for (const row of rows) {
    const key = String(enumName(DROP_REASONS, row.drop_reason));
    let counts = series.get(key);
    if (counts === undefined)
      series.set(key, (counts = Array.from({ length: shown.buckets }, () => 0)));
    const at = Number(row.bucket) - shown.from / stepMs;
    counts[at] = (counts[at] ?? 0) + Number(row.drops);
  }
  const total = (counts: readonly number[]): number =>
    counts.reduce((sum, count) => sum + count, 0);
  return {
    from: shown.from,
    to: shown.to,
    stepMs,
    series: [...series]
      .map(([key, counts]) => ({ key, counts }))
      .sort((a, b) => total(b.counts) - total(a.counts) || (a.key < b.key ? -1 : 1)),
    gaps: await gapsIn(run, query, signal),
  };
}

/** The buckets of a range: the asked one, or what is stored of it where an end is open. */
function frame(
  query: DropsQuery,
  range: { since: bigint; until: bigint } | undefined,
  stepMs: number,
): { from: number; to: number; buckets: number } | undefined {
  const since = query.since ?? range?.since;
  const until = query.until ?? range?.until;
  if (since === undefined || until === undefined || since > until) return undefined;
  const from = Math.floor(Number(since / MS_NS) / stepMs) * stepMs;
  const to = Number(until / MS_NS);
  const buckets = Math.floor((to - from) / stepMs) + 1;
  if (buckets > MAX_BUCKETS) {
    throw new DropscopeError(
      "QUERY_TOO_BROAD",
      `${buckets} buckets are more than the ${MAX_BUCKETS} that one chart may have`,
      {
        next: "Ask for a longer step or a shorter time range.",
        exitCode: EXIT.usage,
      },
    );
  }
  return { from, to, buckets };
}

interface DropRow {
  bucket: string;
  drop_reason: number;
  drops: string;
}

async function counted(
  run: Runner,
  range: Bounded,
  stepMs: number,
  signal: AbortSignal | undefined,
): Promise<DropRow[]> {
  const params = new Params();
  const source = minuteSource(range, stepMs, params) ?? rawSource(range, params);
  const step = params.add("Int64", BigInt(stepMs));
  return run.rows<DropRow>(
    `SELECT intDiv(toUnixTimestamp64Milli(at), ${step}) AS bucket, drop_reason, ${dropCount("weight")} AS drops
     FROM (${source}) GROUP BY bucket, drop_reason ORDER BY bucket, drop_reason`,
    params,
    signal,
  );
}

const RAW = `SELECT toDateTime64(time, 3, 'UTC') AS at, drop_reason, event_type, ${FLOW_WEIGHT} AS weight FROM flows`;

function rawSource(range: Bounded, params: Params): string {
  return `${RAW} WHERE ${and([whereOf(range, params), "kept_long = 1", "verdict = 2"])}`;
}

/** Whole minutes from the rollup, the rest of both ends from the flows. */
function minuteSource(range: Bounded, stepMs: number, params: Params): string | undefined {
  if (stepMs % MINUTE_MS !== 0) return undefined;
  const where = minuteWhere(range, params);
  const minutes = wholeMinutes(range.since, range.until);
  if (where === undefined || minutes.from === minutes.to) return undefined;
  const from = timeSql(minutes.from, params);
  const to = timeSql(minutes.to, params);
  const rolled = `SELECT toDateTime64(minute, 3, 'UTC') AS at, drop_reason, event_type, toUInt64(count) AS weight FROM drops_1m
    WHERE ${and([`minute >= toDateTime(${from}, 'UTC')`, `minute < toDateTime(${to}, 'UTC')`, "verdict = 2", where])}`;
  const ends = and([
    whereOf(range, params),
    "kept_long = 1",
    "verdict = 2",
    `(time < ${from} OR time >= ${to})`,
  ]);
  return `${rolled} UNION ALL ${RAW} WHERE ${ends}`;
}

/** Flows by verdict, most frequent first. */
export async function verdicts(
  run: Runner,
  query: FlowQuery,
  signal: AbortSignal | undefined,
): Promise<VerdictCount[]> {
  const range = await bounded(run, query, signal);
  if (range === undefined) return [];
  const params = new Params();
  const rows = await run.rows<{ verdict: number; flows: string }>(
    `SELECT verdict, sum(weight) AS flows FROM (${verdictSource(range, params)}) GROUP BY verdict ORDER BY flows DESC, verdict`,
    params,
    signal,
  );
  return rows.map((row) => ({
    verdict: String(enumName(VERDICTS, row.verdict)),
    count: Number(row.flows),
  }));
}

function verdictSource(range: Bounded, params: Params): string {
  const raw = `SELECT verdict, ${FLOW_WEIGHT} AS weight FROM flows`;
  const where = minuteWhere(range, params);
  const minutes = wholeMinutes(range.since, range.until);
  if (where === undefined || minutes.from === minutes.to)
    return `${raw} WHERE ${whereOf(range, params)}`;
  const from = timeSql(minutes.from, params);
  const to = timeSql(minutes.to, params);
  const rolled = `SELECT verdict, toUInt64(count) AS weight FROM drops_1m
    WHERE ${and([`minute >= toDateTime(${from}, 'UTC')`, `minute < toDateTime(${to}, 'UTC')`, where])}`;
  return `${rolled} UNION ALL ${raw} WHERE ${and([whereOf(range, params), `(time < ${from} OR time >= ${to})`])}`;
}
