import type { ObservedTraffic } from "@dropscope/model";
import type { Bounded } from "../read/bounds.js";
import { viewerColumns } from "../read/columns.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { whereOf } from "../read/where.js";
import { type DaysRow, HOURS_SQL } from "./hours.js";
import { ASIDE, rowColumns, UNPLACED } from "./row-sql.js";

/** One edge, its ends still unnamed. */
export interface FoldedRow extends DaysRow {
  /** UInt64. */
  readonly key: string;
  readonly flows: string;
  /** Flows of both kinds: a packet may be told twice. */
  readonly told: string;
  readonly verdicts: string;
  readonly starts: string;
  readonly replies: string;
  readonly first_ns: string;
  readonly last_ns: string;
  /** The greatest `rank` of its flows: see `rowColumns`. */
  readonly stand: string;
  /** Pods at both ends. */
  readonly clients: string;
  readonly servers: string;
  /** Hashes of some of their names: see `podNames`. */
  readonly client_pods: readonly string[];
  readonly server_pods: readonly string[];
}

type Counts = Pick<ObservedTraffic, "flows" | "firstNs" | "lastNs" | "left" | "unplaced">;

/** Names of pods that are fetched for each end. */
const NAMES = 20;

/**
 * One pass over the flows: what most of its time goes into is reading them and making their keys. A group is a day of an
 * edge. Hours of their own would be a hundred times as many groups, each with its pods; an edge of all days would have
 * to have room for every hour of the range.
 * @param settings see `foldSettings`
 */
export async function foldedRows(
  run: Runner,
  range: Bounded,
  most: number,
  settings: string,
  signal: AbortSignal | undefined,
): Promise<Counts & { rows: FoldedRow[] }> {
  const params = new Params();
  const columns = rowColumns(viewerColumns(range.viewer, params));
  const kept = Math.max(1, Math.floor(most));
  // One more than there are when no edge is left out: what is aside has two groups.
  const limit = kept + 3;
  const rows = `SELECT time, ${columns}, if(kind < 2, 0, if(turned, dst_name, src_name)) AS client_name,
      if(kind < 2, 0, if(turned, src_name, dst_name)) AS server_name FROM flows WHERE ${whereOf(range, params)}`;
  const byDay = `SELECT key, ${HOURS_SQL.day} AS day, judged, sum(weight) AS part, sumIf(weight, opens) AS opened,
      sumIf(weight, turned) AS answers, min(time) AS begun, max(time) AS ended, max(rank) AS best, ${HOURS_SQL.slots} AS slots,
      groupUniqArray(client_name) AS client_names, groupUniqArray(server_name) AS server_names
    FROM (${rows}) GROUP BY key, day, judged`;
  const some = (names: string): string => `arraySlice(arraySort(${names}), 1, ${NAMES})`;
  const folded = `SELECT key, sum(part) AS told, sumIf(part, judged) AS verdicts, greatest(told - verdicts, verdicts) AS flows,
      greatest(sum(opened), verdicts) AS starts, sum(answers) AS replies,
      toUnixTimestamp64Nano(min(begun)) AS first_ns, toUnixTimestamp64Nano(max(ended)) AS last_ns, max(best) AS stand, ${HOURS_SQL.days},
      groupUniqArrayArray(client_names) AS from_names, groupUniqArrayArray(server_names) AS to_names,
      length(from_names) AS clients, length(to_names) AS servers, ${some("from_names")} AS client_pods, ${some("to_names")} AS server_pods
    FROM (SELECT * EXCEPT slots, ${HOURS_SQL.packed} FROM (${byDay})) GROUP BY key`;
  const found = await run.rows<FoldedRow>(
    `SELECT * EXCEPT (from_names, to_names) FROM (${folded})
     ORDER BY key > ${ASIDE} DESC, flows DESC, first_ns, key LIMIT ${params.add("UInt64", BigInt(limit))}${settings}`,
    params,
    signal,
  );
  const edges = found.filter(({ key }) => isEdge(key));
  const counts =
    found.length < limit ? countsOf(found) : await countRows(run, range, settings, signal);
  const { flows, firstNs, lastNs, unplaced } = counts;
  const left = Math.max(0, counts.edges - kept);
  return { flows, firstNs, lastNs, left, unplaced, rows: edges.slice(0, kept) };
}

type AllCounts = Omit<Counts, "left"> & { readonly edges: number };

const isEdge = (key: string): boolean => BigInt(key) > BigInt(ASIDE);

function countsOf(rows: readonly FoldedRow[]): AllCounts {
  let [flows, unplaced, edges] = [0, 0, 0];
  let firstNs: bigint | undefined;
  let lastNs: bigint | undefined;
  for (const { key, told, first_ns, last_ns } of rows) {
    const [first, last] = [BigInt(first_ns), BigInt(last_ns)];
    flows += Number(told);
    if (isEdge(key)) edges++;
    else if (key === String(UNPLACED)) unplaced += Number(told);
    if (firstNs === undefined || first < firstNs) firstNs = first;
    if (lastNs === undefined || last > lastNs) lastNs = last;
  }
  return { flows, unplaced, edges, firstNs: firstNs ?? 0n, lastNs: lastNs ?? 0n };
}

/** Of more edges than are read: a pass of its own, since to keep them all would take memory for all that is known of them. */
async function countRows(
  run: Runner,
  range: Bounded,
  settings: string,
  signal: AbortSignal | undefined,
): Promise<AllCounts> {
  const params = new Params();
  const columns = rowColumns(viewerColumns(range.viewer, params));
  const [row] = await run.rows<
    Record<"flows" | "unplaced" | "edges" | "first_ns" | "last_ns", string>
  >(
    `SELECT sum(told) AS flows, sumIf(told, key = ${UNPLACED}) AS unplaced, countIf(key > ${ASIDE}) AS edges,
      toUnixTimestamp64Nano(min(first)) AS first_ns, toUnixTimestamp64Nano(max(last)) AS last_ns
     FROM (SELECT key, sum(weight) AS told, min(time) AS first, max(time) AS last
      FROM (SELECT time, ${columns} FROM flows WHERE ${whereOf(range, params)}) GROUP BY key)${settings}`,
    params,
    signal,
  );
  return {
    flows: Number(row?.flows ?? 0),
    unplaced: Number(row?.unplaced ?? 0),
    edges: Number(row?.edges ?? 0),
    firstNs: BigInt(row?.first_ns ?? 0),
    lastNs: BigInt(row?.last_ns ?? 0),
  };
}
