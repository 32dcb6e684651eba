import {
  type Agreement,
  type DropOutcome,
  type Flow,
  type FlowSelection,
  formatTimeNs,
  type Gap,
  LOCAL_VIEWER,
} from "@dropscope/model";
import type { LookupCache } from "../read/lookup.js";
import { gapsInShort } from "../read/losses.js";
import { Params } from "../read/params.js";
import { rebuildFlow } from "../read/rebuild.js";
import { FLOW_SELECT, FLOW_SELECTED, recordOf } from "../read/record.js";
import type { Runner } from "../read/run.js";
import { or } from "../read/sql.js";
import { LEDGER_SELECT, landedOf, type LedgerRow } from "../read/tail.js";
import { timeSql } from "../read/time-sql.js";
import { batchesSql, whereOf } from "../read/where.js";
import type { LandedBatch, TailCursor } from "../reader.js";
import { idText } from "./ids.js";
import type { ExplainedRow, LandedFlow } from "./types.js";

/** Flows of landed batches, in the order of the batches and of time: twice asked, twice the same. */
export async function* landedFlows(
  run: Runner,
  lookup: LookupCache,
  batches: readonly LandedBatch[],
  selection: FlowSelection,
  signal: AbortSignal | undefined,
): AsyncIterable<LandedFlow[]> {
  if (batches.every(({ flows }) => flows === 0)) return;
  const params = new Params();
  const order = params.add(
    "Array(UInt64)",
    batches.map(({ id }) => id),
  );
  const where = whereOf({ viewer: LOCAL_VIEWER, selection, batches }, params);
  const sql = `${SELECT} WHERE ${where} ORDER BY indexOf(${order}, batch), time, uuid`;
  yield* flowsOf(run, lookup, sql, params, signal);
}

const SELECT = `SELECT ${FLOW_SELECT}, toString(batch), flow_count FROM flows`;

async function* flowsOf(
  run: Runner,
  lookup: LookupCache,
  sql: string,
  params: Params,
  signal: AbortSignal | undefined,
): AsyncIterable<LandedFlow[]> {
  for await (const rows of run.arrays(sql, params, signal, "reader")) {
    const records = rows.map(recordOf);
    await lookup.load(records, signal);
    yield records.map((record, i) => ({
      batch: BigInt(rows[i]![FLOW_SELECTED] as string),
      weight: Number(rows[i]![FLOW_SELECTED + 1]),
      uuid: record.uuid,
      timeNs: BigInt(record.time_ns),
      flow: rebuildFlow(record, lookup),
    }));
  }
}

/** Answers that named an address; of equal ones the newest. */
export async function* newestAnswers(
  run: Runner,
  lookup: LookupCache,
  sinceMs: number,
  most: number,
  signal: AbortSignal | undefined,
): AsyncIterable<LandedFlow[]> {
  const params = new Params();
  const since = timeSql(BigInt(Math.floor(sinceMs)) * 1_000_000n, params);
  const where = `time >= ${since} AND l7_protocol = 'dns' AND dns_rcode = 0 AND notEmpty(dns_ips)`;
  // Names of the rows first: the wide columns are then read for those alone.
  const newest = `SELECT time, uuid FROM flows WHERE ${where}
    ORDER BY time DESC LIMIT 1 BY dns_query, dns_ips, node, src_pod, dst_pod LIMIT ${params.add("UInt64", BigInt(most))}`;
  const sql = `${SELECT} WHERE ${where} AND (time, uuid) IN (${newest}) ORDER BY time, uuid`;
  yield* flowsOf(run, lookup, sql, params, signal);
}

export async function nodeTimes(
  run: Runner,
  batches: readonly LandedBatch[],
  signal: AbortSignal | undefined,
): Promise<Flow[]> {
  const params = new Params();
  const rows = await run.rows<{ node: string; time_ns: string }>(
    `SELECT node, toString(toUnixTimestamp64Nano(max(time))) AS time_ns FROM flows WHERE ${batchesSql(batches, params)} AND node != '' GROUP BY node`,
    params,
    signal,
  );
  return rows.map(({ node, time_ns }) => ({
    node_name: node,
    time: formatTimeNs(BigInt(time_ns)),
  }));
}

/** A loss may be told a little before or after the flows around it. */
const AROUND_NS = 120_000_000_000n;
/** Times of a batch may be wrong clocks' own: no more than this is looked at before the newest. */
const MOST_NS = 3_600_000_000_000n;

export function gapsAround(
  run: Runner,
  batches: readonly LandedBatch[],
  signal: AbortSignal | undefined,
): Promise<Gap[]> {
  const all = batches.filter(({ flows }) => flows > 0);
  const [first] = all;
  if (first === undefined) return Promise.resolve([]);
  let { minTimeNs: since, maxTimeNs: until } = first;
  for (const { minTimeNs, maxTimeNs } of all) {
    if (minTimeNs < since) since = minTimeNs;
    if (maxTimeNs > until) until = maxTimeNs;
  }
  if (until - since > MOST_NS) since = until - MOST_NS;
  return gapsInShort(run, { since: since - AROUND_NS, until: until + AROUND_NS }, signal);
}

const MOST_RECENT = 2_000;

export async function recentBatches(
  run: Runner,
  cursor: TailCursor,
  since: { readonly landedAfter: number; readonly timeAfter: number },
  signal: AbortSignal | undefined,
): Promise<LandedBatch[]> {
  const params = new Params();
  const ns = (ms: number): bigint => BigInt(Math.floor(ms)) * 1_000_000n;
  const after = or([
    `stored_at >= ${timeSql(ns(since.landedAfter), params)}`,
    Number.isFinite(since.timeAfter) ? `max_time >= ${timeSql(ns(since.timeAfter), params)}` : "0",
  ]);
  const rows = await run.rows<LedgerRow>(
    `SELECT ${LEDGER_SELECT} FROM batches WHERE stored_at <= ${timeSql(BigInt(cursor.storedAt), params)} AND ${after}
     ORDER BY batches.stored_at DESC, batch DESC LIMIT 1 BY batch LIMIT ${MOST_RECENT}`,
    params,
    signal,
  );
  return rows.map(landedOf).toReversed();
}

interface ExplainedRecord {
  batch_id: string;
  time_ns: string;
  flow: string;
  problem_id: string;
  told: "drop" | "verdict";
  weight: number;
  outcome: DropOutcome;
  agreement: Agreement;
  src_namespace: string;
  dst_namespace: string;
  pod: string;
  peer: string;
  node: string;
  explanation: string;
}

export async function explainedRows(
  run: Runner,
  batches: readonly LandedBatch[],
  signal: AbortSignal | undefined,
): Promise<ExplainedRow[]> {
  const params = new Params();
  const ids = params.add(
    "Array(UInt64)",
    batches.map(({ id }) => id),
  );
  const rows = await run.rows<ExplainedRecord>(
    `SELECT toString(batch) AS batch_id, toString(toUnixTimestamp64Nano(time)) AS time_ns, toString(uuid) AS flow, toString(problem) AS problem_id,
      told, weight, outcome, agreement, src_namespace, dst_namespace, pod, peer, node, explanation
     FROM explanations WHERE batch IN ${ids}`,
    params,
    signal,
  );
  return rows.map((row) => ({
    batch: BigInt(row.batch_id),
    timeNs: BigInt(row.time_ns),
    uuid: row.flow,
    problem: idText(row.problem_id),
    told: row.told,
    weight: row.weight,
    outcome: row.outcome,
    agreement: row.agreement,
    sourceNamespace: row.src_namespace,
    destinationNamespace: row.dst_namespace,
    pod: row.pod,
    peer: row.peer,
    node: row.node,
    explanation: row.explanation,
  }));
}
