import { DropscopeError, EXIT, type Problem, type Timeline } from "@dropscope/model";
import { gapsIn } from "../read/losses.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { timeSql } from "../read/time-sql.js";
import { idNumber } from "./ids.js";
import { countOf, minuteSql } from "./problem-sql.js";

const MAX_BUCKETS = 1500;
const MINUTE_MS = 60_000;
const MS_NS = 1_000_000n;

interface BucketRow {
  bucket: string;
  drops: string;
  verdicts: string;
}

export interface TimelineQuery {
  readonly since: bigint;
  readonly until: bigint;
  readonly stepMs: number;
}

/**
 * Buckets lie on multiples of the step, as those of all drops do.
 * @throws DropscopeError `QUERY_TOO_BROAD` for more than 1,500 buckets
 */
export async function problemTimeline(
  run: Runner,
  { id, outcome }: Pick<Problem, "id" | "outcome">,
  query: TimelineQuery,
  signal: AbortSignal | undefined,
): Promise<Timeline> {
  const stepMs = Math.max(1, Math.floor(query.stepMs));
  const from = Math.floor(Number(query.since / MS_NS) / stepMs) * stepMs;
  const to = Number(query.until / MS_NS);
  const buckets = Math.max(0, Math.floor((to - from) / stepMs) + 1);
  if (buckets > MAX_BUCKETS)
    throw new DropscopeError(
      "QUERY_TOO_BROAD",
      `${buckets} buckets are more than the ${MAX_BUCKETS} that one chart may have`,
      { next: "Ask for a longer step or a shorter time range.", exitCode: EXIT.usage },
    );
  const params = new Params();
  const source = stepMs % MINUTE_MS === 0 ? fromMinutes : fromFlows;
  const rows = await run.rows<BucketRow>(source(id, query, stepMs, params), params, signal);
  const counts = Array.from({ length: buckets }, () => 0);
  for (const row of rows) {
    const at = Number(row.bucket) - from / stepMs;
    if (at >= 0 && at < buckets) counts[at] = (counts[at] ?? 0) + countOf(row.drops, row.verdicts);
  }
  const { since, until } = query;
  return {
    from,
    to,
    stepMs,
    series: [{ key: outcome, counts }],
    gaps: await gapsIn(run, { since, until }, signal),
  };
}

function fromMinutes(
  id: string,
  { since, until }: TimelineQuery,
  stepMs: number,
  params: Params,
): string {
  const step = params.add("UInt32", stepMs / 1000);
  return `SELECT intDiv(toUnixTimestamp(minute), ${step}) AS bucket, sum(m.drops) AS drops, sum(m.verdicts) AS verdicts
    FROM problem_minutes AS m WHERE problem = ${params.add("UInt64", idNumber(id))}
      AND minute >= ${minuteSql(since, params)} AND minute <= ${minuteSql(until, params)}
    GROUP BY bucket ORDER BY bucket`;
}

function fromFlows(
  id: string,
  { since, until }: TimelineQuery,
  stepMs: number,
  params: Params,
): string {
  const step = params.add("Int64", BigInt(stepMs));
  return `SELECT intDiv(toUnixTimestamp64Milli(time), ${step}) AS bucket,
      sumIf(toUInt64(weight), told = 'drop') AS drops, sumIf(toUInt64(weight), told = 'verdict') AS verdicts
    FROM explanations WHERE problem = ${params.add("UInt64", idNumber(id))}
      AND time >= ${timeSql(since, params)} AND time <= ${timeSql(until, params)}
    GROUP BY bucket ORDER BY bucket`;
}
