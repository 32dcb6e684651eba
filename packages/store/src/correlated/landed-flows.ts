import {
  type Agreement,
  type DropOutcome,
  type FlowSelection,
  LOCAL_VIEWER,
} from "@dropscope/model";
import type { LookupCache } from "../read/lookup.js";
import { Params } from "../read/params.js";
import { rebuildFlow } from "../read/rebuild.js";
import { FLOW_SELECT, FLOW_SELECTED, recordOf } from "../read/record.js";
import type { Runner } from "../read/run.js";
import { whereOf } from "../read/where.js";
import type { LandedBatch } from "../reader.js";
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
  const sql = `SELECT ${FLOW_SELECT}, toString(batch), flow_count FROM flows WHERE ${where} ORDER BY indexOf(${order}, batch), time, uuid`;
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
