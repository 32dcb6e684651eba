import { cutFlow, type Flow, orientFlow, standIn } from "@dropscope/model";
import type { Bounded } from "../read/bounds.js";
import { viewerColumns } from "../read/columns.js";
import type { LookupCache } from "../read/lookup.js";
import { Params } from "../read/params.js";
import { rebuildFlow } from "../read/rebuild.js";
import type { FlowRecord } from "../read/record.js";
import type { Runner } from "../read/run.js";
import { whereOf } from "../read/where.js";
import { FLOW_COLUMNS, type FlowColumn } from "../schema/flows.js";
import type { FoldedRow } from "./folded.js";
import { rowColumns } from "./row-sql.js";

/** What an edge tells of the flow that stands for it; the other columns of a whole flow are most of its bytes. */
const NEEDED: readonly FlowColumn[] = [
  "time",
  "uuid",
  "present",
  "node",
  "node_labels",
  "verdict",
  "drop_reason",
  "direction",
  "event_type",
  "reply",
  "protocol",
  "src_port",
  "dst_port",
  "tcp_flags",
  "icmp_type",
  "dst_service",
  "dst_service_namespace",
  "src_ip",
  "dst_ip",
  "src_identity",
  "dst_identity",
  "src_cluster",
  "dst_cluster",
  "src_namespace",
  "dst_namespace",
  "src_pod",
  "dst_pod",
  "src_workload",
  "dst_workload",
  "src_workload_kind",
  "dst_workload_kind",
  "src_labels",
  "dst_labels",
  "src_names",
  "dst_names",
];

/** Nothing, for every column of a whole flow. */
const NOTHING = Object.fromEntries(
  FLOW_COLUMNS.map(({ name, type }) => [name, emptyOf(type)] as const),
) as unknown as FlowRecord;

function emptyOf(type: string): unknown {
  if (type.startsWith("Array(")) return [];
  if (type.startsWith("Enum8(")) return /^Enum8\('([a-z]+)' = 0/.exec(type)?.[1];
  if (/^U?Int64$/.test(type)) return "0";
  return /^U?Int\d+$/.test(type) ? 0 : "";
}

/** Edges that one query looks up: their times, keys and ranks stand in its text, which may have 256 KiB. */
const AT_ONCE = 3500;
/** Rows whose label sets are looked up together; the lookup keeps 20,000. */
const LOOKED_UP = 2500;
const TIME_BITS = (1n << 63n) - 1n;

interface Wanted {
  readonly key: string;
  readonly rank: string;
  readonly ns: bigint;
}

/**
 * The flow that stands for each edge, by the edge's key. They are read by their times, a stretch of time after
 * the other: most edges were seen a short while ago, so few parts of the store are touched.
 */
export async function standIns(
  run: Runner,
  lookup: LookupCache,
  range: Bounded,
  rows: readonly FoldedRow[],
  settings: string,
  signal: AbortSignal | undefined,
): Promise<Map<string, Flow>> {
  const wanted = rows
    .map(({ key, stand }) => ({ key, rank: stand, ns: BigInt(stand) & TIME_BITS }))
    .sort((a, b) => (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0));
  const found = new Map<string, Flow>();
  const read = async (at: number): Promise<unknown[][]> =>
    at < wanted.length
      ? await readPart(run, range, wanted.slice(at, at + AT_ONCE), settings, signal)
      : [];
  let next = read(0);
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const values = await next;
    // The engine reads the next ones while flows are made of these.
    next = read(at + AT_ONCE);
    next.catch(() => {});
    for (let from = 0; from < values.length; from += LOOKED_UP)
      await addFlows(lookup, range, values.slice(from, from + LOOKED_UP), found, signal);
  }
  return found;
}

async function readPart(
  run: Runner,
  range: Bounded,
  part: readonly Wanted[],
  settings: string,
  signal: AbortSignal | undefined,
): Promise<unknown[][]> {
  const [first, last] = [part[0]?.ns ?? 0n, part.at(-1)?.ns ?? 0n];
  const params = new Params();
  const columns = rowColumns(viewerColumns(range.viewer, params));
  // A time before 1970 ranks as 1970.
  const since = first === 0n ? range.since : first;
  const where = whereOf(
    { ...range, since, until: last < range.until ? last : range.until },
    params,
  );
  // Numbers that the store itself has given, and nothing else, become part of the text.
  const times = part.map(({ ns }) => ns).join();
  const pairs = part.map(({ key, rank }) => `(${BigInt(key)},${BigInt(rank)})`).join();
  // Few rows have one of these times, and only of those the key is made.
  const sql = `SELECT toUnixTimestamp64Nano(time), ${NEEDED.slice(1).join(", ")}, key
    FROM (SELECT ${NEEDED.join(", ")}, ${columns} FROM flows
      PREWHERE greatest(0, toUnixTimestamp64Nano(time)) IN (${times}) WHERE ${where})
    WHERE (key, rank) IN (${pairs}) ORDER BY key, uuid DESC LIMIT 1 BY key${settings}`;
  const values: unknown[][] = [];
  for await (const rows of run.arrays(sql, params, signal)) values.push(...rows);
  return values;
}

async function addFlows(
  lookup: LookupCache,
  range: Bounded,
  values: readonly unknown[][],
  into: Map<string, Flow>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const records = values.map(recordOf);
  await lookup.load(records, signal);
  for (const [at, record] of records.entries()) {
    const flow = cutFlow(rebuildFlow(record, lookup), range.viewer);
    const oriented = flow && orientFlow(flow);
    if (flow === undefined || typeof oriented !== "object") continue;
    const key = String(values[at]?.at(-1));
    into.set(key, standIn(flow, oriented, BigInt(record.time_ns)));
  }
}

/** A row of what is needed, as the whole flow that it is of: time first, and the key of its edge last. */
function recordOf(values: readonly unknown[]): FlowRecord {
  const record: Record<string, unknown> = { ...NOTHING, time_ns: values[0] };
  for (let at = 1; at < NEEDED.length; at++) record[String(NEEDED[at])] = values[at];
  return record as unknown as FlowRecord;
}
