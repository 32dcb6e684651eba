import {
  dropReasonText,
  EVERYTHING,
  flowRow,
  type FlowDetail,
  type FlowRow,
  type Viewer,
} from "@dropscope/model";
import { viewerColumns } from "./columns.js";
import { isUuid } from "./condition-sql.js";
import { seenFlows } from "./flows.js";
import type { LookupCache } from "./lookup.js";
import { Params } from "./params.js";
import { allRecords, FLOW_SELECT, type FlowRecord } from "./record.js";
import type { Runner } from "./run.js";
import { and } from "./sql.js";
import { whereOf } from "./where.js";

const SECOND_NS = 1_000_000_000n;
const MAX_RELATED = 50;

/** One flow by its id, with what else was seen of its connection around it. */
export async function detail(
  run: Runner,
  lookup: LookupCache,
  uuid: string,
  viewer: Viewer,
  signal: AbortSignal | undefined,
): Promise<FlowDetail | undefined> {
  if (!isUuid(uuid)) return undefined;
  const params = new Params();
  const where = and([
    `uuid = ${params.add("UUID", uuid.toLowerCase())}`,
    viewerColumns(viewer, params).visible,
  ]);
  const [record] = await allRecords(
    run,
    `SELECT ${FLOW_SELECT} FROM flows WHERE ${where} LIMIT 1`,
    params,
    signal,
  );
  if (record === undefined) return undefined;
  const [seen] = await seenFlows([record], viewer, lookup, signal);
  if (seen === undefined) return undefined;
  const row = flowRow(seen.flow, seen.id);
  return {
    flow: seen.flow,
    row,
    ...(row.reason === "" && row.verdict !== "DROPPED"
      ? {}
      : { reason: dropReasonText(row.reason === "" ? 0 : row.reason) }),
    related: await related(run, lookup, record, viewer, signal),
  };
}

/** Events of the same connection, in either direction, within a second: the policy verdict beside a drop, the answer beside a request. */
async function related(
  run: Runner,
  lookup: LookupCache,
  record: FlowRecord,
  viewer: Viewer,
  signal: AbortSignal | undefined,
): Promise<FlowRow[]> {
  if (record.src_ip === "::" || record.dst_ip === "::") return [];
  const time = BigInt(record.time_ns);
  const params = new Params();
  const source = params.add("IPv6", record.src_ip);
  const destination = params.add("IPv6", record.dst_ip);
  const from = params.add("UInt16", record.src_port);
  const to = params.add("UInt16", record.dst_port);
  const same = `(src_ip = ${source} AND dst_ip = ${destination} AND src_port = ${from} AND dst_port = ${to})`;
  const back = `(src_ip = ${destination} AND dst_ip = ${source} AND src_port = ${to} AND dst_port = ${from})`;
  const where = and([
    whereOf(
      { viewer, selection: EVERYTHING, since: time - SECOND_NS, until: time + SECOND_NS },
      params,
    ),
    `protocol = ${params.add("String", record.protocol)}`,
    `(${same} OR ${back})`,
    `uuid != ${params.add("UUID", record.uuid)}`,
  ]);
  const rows = await allRecords(
    run,
    `SELECT ${FLOW_SELECT} FROM flows WHERE ${where} ORDER BY time, uuid LIMIT ${MAX_RELATED}`,
    params,
    signal,
  );
  const flows = await seenFlows(rows, viewer, lookup, signal);
  return flows.map((seen) => flowRow(seen.flow, seen.id));
}
