import type { FlowQuery } from "../reader.js";
import { dropCount, FLOW_WEIGHT } from "../read/drop-count.js";
import { minuteWhere, wholeMinutes } from "../read/minute-sql.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { and } from "../read/sql.js";
import { timeSql } from "../read/time-sql.js";
import { whereOf } from "../read/where.js";
import type { CompareQuery, VerdictChange } from "./types.js";

interface VerdictRow {
  verdict: number;
  reason: number;
  before: string;
  after: string;
}

type Range = FlowQuery & { readonly since: bigint; readonly until: bigint };

/** Flows by verdict and drop reason in both ranges. */
export async function verdictChanges(
  run: Runner,
  { viewer, selection, before, after }: CompareQuery,
  signal: AbortSignal | undefined,
): Promise<VerdictChange[]> {
  const params = new Params();
  const source = (side: 0 | 1, range: CompareQuery["before"]): string =>
    `SELECT ${side} AS side, verdict, drop_reason, event_type, weight FROM (${sourceOf({ viewer, selection, ...range }, params)})`;
  // Verdicts count events, as everywhere; of drops a packet that two events tell counts once.
  const count = (side: 0 | 1): string =>
    `if(verdict = 2, ${dropCount(`if(side = ${side}, weight, 0)`)}, sumIf(weight, side = ${side}))`;
  const rows = await run.rows<VerdictRow>(
    `SELECT verdict, if(verdict = 2, drop_reason, 0) AS reason, ${count(0)} AS before, ${count(1)} AS after
     FROM (${source(0, before)} UNION ALL ${source(1, after)}) GROUP BY verdict, reason ORDER BY verdict, reason`,
    params,
    signal,
  );
  return rows.map((row) => ({
    verdict: row.verdict,
    reason: row.reason,
    before: Number(row.before),
    after: Number(row.after),
  }));
}

/** Whole minutes from the counts where they can answer, the rest of both ends from the flows. */
function sourceOf(range: Range, params: Params): string {
  const raw = `SELECT verdict, drop_reason, event_type, ${FLOW_WEIGHT} AS weight FROM flows`;
  const where = minuteWhere(range, params);
  const minutes = wholeMinutes(range.since, range.until);
  if (where === undefined || minutes.from === minutes.to)
    return `${raw} WHERE ${whereOf(range, params)}`;
  const from = timeSql(minutes.from, params);
  const to = timeSql(minutes.to, params);
  const rolled = `SELECT verdict, drop_reason, event_type, toUInt64(count) AS weight FROM drops_1m
    WHERE ${and([`minute >= toDateTime(${from}, 'UTC')`, `minute < toDateTime(${to}, 'UTC')`, where])}`;
  return `${rolled} UNION ALL ${raw} WHERE ${and([whereOf(range, params), `(time < ${from} OR time >= ${to})`])}`;
}
