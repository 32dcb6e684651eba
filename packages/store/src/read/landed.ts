import {
  DROP_REASONS,
  enumName,
  flowRow,
  VERDICTS,
  type FlowRow,
  type FlowSelection,
  type VerdictCount,
  type Viewer,
} from "@dropscope/model";
import type { LandedBatch } from "../reader.js";
import { dropCount, FLOW_WEIGHT } from "./drop-count.js";
import { seenFlows } from "./flows.js";
import type { LookupCache } from "./lookup.js";
import { Params } from "./params.js";
import { allRecords, FLOW_SELECT } from "./record.js";
import type { Runner } from "./run.js";
import { whereOf } from "./where.js";

export interface Landed {
  drops: [second: number, reason: string, count: number][];
  verdicts: VerdictCount[];
  flows: FlowRow[];
  matched: number;
}

export interface LandedQuery {
  viewer: Viewer;
  selection: FlowSelection;
  rows: number;
}

const DROPPED = 2;

interface CountRow {
  second: string;
  verdict: number;
  drop_reason: number;
  flows: string;
  drops: string;
  rows: string;
}

/** What batches add to a live room: counts are made in the store, and only the rows to show leave it. */
export async function landed(
  run: Runner,
  lookup: LookupCache,
  batches: readonly LandedBatch[],
  query: LandedQuery,
  signal: AbortSignal | undefined,
): Promise<Landed> {
  if (batches.length === 0) return { drops: [], verdicts: [], flows: [], matched: 0 };
  const params = new Params();
  const where = whereOf({ ...query, batches }, params);
  const counts = await run.rows<CountRow>(
    `SELECT if(verdict = ${DROPPED}, toUnixTimestamp64Second(time), 0) AS second, verdict, if(verdict = ${DROPPED}, drop_reason, 0) AS drop_reason,
      sum(${FLOW_WEIGHT}) AS flows, ${dropCount(FLOW_WEIGHT)} AS drops, count() AS rows
     FROM flows WHERE ${where} GROUP BY second, verdict, drop_reason ORDER BY second, verdict, drop_reason`,
    params,
    signal,
  );
  const verdicts = new Map<number, number>();
  const drops: Landed["drops"] = [];
  let matched = 0;
  for (const row of counts) {
    matched += Number(row.rows);
    verdicts.set(row.verdict, (verdicts.get(row.verdict) ?? 0) + Number(row.flows));
    if (row.verdict === DROPPED) {
      drops.push([
        Number(row.second) * 1000,
        String(enumName(DROP_REASONS, row.drop_reason)),
        Number(row.drops),
      ]);
    }
  }
  return {
    drops,
    verdicts: [...verdicts]
      .sort((a, b) => b[1] - a[1])
      .map(([verdict, count]) => ({ verdict: String(enumName(VERDICTS, verdict)), count })),
    flows:
      matched === 0 || query.rows <= 0 ? [] : await newest(run, lookup, batches, query, signal),
    matched,
  };
}

async function newest(
  run: Runner,
  lookup: LookupCache,
  batches: readonly LandedBatch[],
  query: LandedQuery,
  signal: AbortSignal | undefined,
): Promise<FlowRow[]> {
  const params = new Params();
  const where = whereOf({ ...query, batches }, params);
  const limit = params.add("UInt64", BigInt(Math.floor(query.rows)));
  // Names of the rows first: the wide columns are then read for those alone.
  const rows = await allRecords(
    run,
    `SELECT ${FLOW_SELECT} FROM flows WHERE ${where} AND (time, uuid) IN (
      SELECT time, uuid FROM flows WHERE ${where} ORDER BY time DESC, uuid DESC LIMIT ${limit})
     ORDER BY time DESC, uuid DESC LIMIT ${limit}`,
    params,
    signal,
  );
  const flows = await seenFlows(rows, query.viewer, lookup, signal);
  return flows.map((seen) => flowRow(seen.flow, seen.id));
}
