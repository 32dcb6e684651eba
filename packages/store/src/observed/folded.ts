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

interface Totals {
  readonly all_told: string;
  readonly all_first_ns: string;
  readonly all_last_ns: string;
  readonly edges: string;
  readonly unplaced: string;
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
  const limit = params.add("UInt64", BigInt(Math.max(1, Math.floor(most))));
  const rows = `SELECT time, ${columns}, if(kind < 2, 0, if(turned, dst_name, src_name)) AS client_name,
      if(kind < 2, 0, if(turned, src_name, dst_name)) AS server_name FROM flows WHERE ${whereOf(range, params)}`;
  const byDay = `SELECT key, ${HOURS_SQL.day} AS day, judged, sum(weight) AS part, sumIf(weight, opens) AS opened,
      sumIf(weight, turned) AS answers, min(time) AS begun, max(time) AS ended, max(rank) AS best, ${HOURS_SQL.slots} AS slots,
      groupUniqArray(client_name) AS client_names, groupUniqArray(server_name) AS server_names
    FROM (${rows}) GROUP BY key, day, judged`;
  const some = (names: string): string => `arraySlice(arraySort(${names}), 1, ${NAMES})`;
  const folded = `SELECT key, sum(part) AS told, sumIf(part, judged) AS verdicts, greatest(told - verdicts, verdicts) AS flows,
      greatest(sum(opened), verdicts) AS starts, sum(answers) AS replies,
      min(begun) AS first, max(ended) AS last, max(best) AS stand, ${HOURS_SQL.days},
      groupUniqArrayArray(client_names) AS from_names, groupUniqArrayArray(server_names) AS to_names,
      length(from_names) AS clients, length(to_names) AS servers, ${some("from_names")} AS client_pods, ${some("to_names")} AS server_pods
    FROM (SELECT * EXCEPT slots, ${HOURS_SQL.packed} FROM (${byDay})) GROUP BY key`;
  const found = await run.rows<FoldedRow & Totals>(
    `SELECT key, flows, told, verdicts, starts, replies, stand, days, masks, parts, clients, servers, client_pods, server_pods,
      toUnixTimestamp64Nano(first) AS first_ns, toUnixTimestamp64Nano(last) AS last_ns,
      all_told, toUnixTimestamp64Nano(all_first) AS all_first_ns, toUnixTimestamp64Nano(all_last) AS all_last_ns, edges, unplaced
     FROM (SELECT *, sum(told) OVER () AS all_told, min(first) OVER () AS all_first, max(last) OVER () AS all_last,
        countIf(key > ${ASIDE}) OVER () AS edges, sumIf(told, key = ${UNPLACED}) OVER () AS unplaced
      FROM (SELECT * EXCEPT (from_names, to_names) FROM (${folded})))
     ORDER BY key > ${ASIDE} DESC, flows DESC, first, key LIMIT ${limit}${settings}`,
    params,
    signal,
  );
  const [first] = found;
  if (first === undefined)
    return { flows: 0, firstNs: 0n, lastNs: 0n, left: 0, unplaced: 0, rows: [] };
  const kept = found.filter(({ key }) => BigInt(key) > BigInt(ASIDE));
  return {
    flows: Number(first.all_told),
    firstNs: BigInt(first.all_first_ns),
    lastNs: BigInt(first.all_last_ns),
    left: Number(first.edges) - kept.length,
    unplaced: Number(first.unplaced),
    rows: kept,
  };
}
