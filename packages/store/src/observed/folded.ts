import type { ObservedTraffic } from "@dropscope/model";
import type { Bounded } from "../read/bounds.js";
import { viewerColumns } from "../read/columns.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { whereOf } from "../read/where.js";
import { ASIDE, rowColumns, UNPLACED } from "./row-sql.js";

/** One edge, its ends still unnamed. */
export interface FoldedRow extends CountedRow, EndRow {}

interface CountedRow {
  /** UInt64. */
  readonly key: string;
  readonly flows: string;
  readonly verdicts: string;
  readonly starts: string;
  readonly replies: string;
  readonly first_ns: string;
  readonly last_ns: string;
  /** The greatest `rank` of its flows: see `rowColumns`. */
  readonly stand: string;
  /** Twice the hour, and one more for policy verdicts; ascending. */
  readonly hours: readonly [hours: readonly number[], flows: readonly number[]];
}

interface EndRow {
  readonly clients: string;
  readonly servers: string;
  /** Names of pods at both ends, without their namespace; some of them. */
  readonly client_pods: readonly string[];
  readonly server_pods: readonly string[];
}

type EndValues = [
  key: string,
  clients: string,
  servers: string,
  client_pods: string[],
  server_pods: string[],
];

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
 * Two passes over the flows, each with one group for what it counts: hours of an edge are many and small, its pods
 * few and large. Together in one group they would cost several times as much.
 * @param settings see `foldSettings`
 */
export async function foldedRows(
  run: Runner,
  range: Bounded,
  most: number,
  settings: string,
  signal: AbortSignal | undefined,
): Promise<Counts & { rows: FoldedRow[] }> {
  // While the answer of the one is read, the engine works on the other.
  const [counted, ends] = await Promise.all([
    countedRows(run, range, most, settings, signal),
    endRows(run, range, settings, signal),
  ]);
  const [first] = counted;
  if (first === undefined)
    return { flows: 0, firstNs: 0n, lastNs: 0n, left: 0, unplaced: 0, rows: [] };
  const kept = counted.filter(({ key }) => BigInt(key) > BigInt(ASIDE));
  return {
    flows: Number(first.all_told),
    firstNs: BigInt(first.all_first_ns),
    lastNs: BigInt(first.all_last_ns),
    left: Number(first.edges) - kept.length,
    unplaced: Number(first.unplaced),
    rows: kept.flatMap((row) => {
      const end = ends.get(row.key);
      return end === undefined ? [] : [Object.assign(row, end)];
    }),
  };
}

async function countedRows(
  run: Runner,
  range: Bounded,
  most: number,
  settings: string,
  signal: AbortSignal | undefined,
): Promise<(CountedRow & Totals)[]> {
  const params = new Params();
  const columns = rowColumns(viewerColumns(range.viewer, params));
  const limit = params.add("UInt64", BigInt(Math.max(1, Math.floor(most))));
  const byHour = `SELECT key, hour, judged, sum(weight) AS part, sumIf(weight, opens) AS opened, sumIf(weight, turned) AS answers,
      min(time) AS begun, max(time) AS ended, max(rank) AS best
    FROM (SELECT time, ${columns} FROM flows WHERE ${whereOf(range, params)})
    GROUP BY key, hour, judged`;
  const folded = `SELECT key, sum(part) AS told, sumIf(part, judged) AS verdicts, greatest(told - verdicts, verdicts) AS flows,
      greatest(sum(opened), verdicts) AS starts, sum(answers) AS replies,
      min(begun) AS first, max(ended) AS last, max(best) AS stand,
      arraySort(groupArray((toUInt32(hour * 2 + judged), toFloat64(part)))) AS hours
    FROM (${byHour}) GROUP BY key`;
  return run.rows(
    `SELECT key, flows, verdicts, starts, replies, stand, (hours.1, hours.2) AS hours,
      toUnixTimestamp64Nano(first) AS first_ns, toUnixTimestamp64Nano(last) AS last_ns,
      all_told, toUnixTimestamp64Nano(all_first) AS all_first_ns, toUnixTimestamp64Nano(all_last) AS all_last_ns, edges, unplaced
     FROM (SELECT *, sum(told) OVER () AS all_told, min(first) OVER () AS all_first, max(last) OVER () AS all_last,
        countIf(key > ${ASIDE}) OVER () AS edges, sumIf(told, key = ${UNPLACED}) OVER () AS unplaced
      FROM (${folded}))
     ORDER BY key > ${ASIDE} DESC, flows DESC, first, key LIMIT ${limit}${settings}`,
    params,
    signal,
  );
}

/** Who was at the ends of all edges: there is no telling a query thousands of keys. */
async function endRows(
  run: Runner,
  range: Bounded,
  settings: string,
  signal: AbortSignal | undefined,
): Promise<Map<string, EndRow>> {
  const params = new Params();
  const columns = viewerColumns(range.viewer, params);
  const names = (pod: string, when: string): string =>
    `groupUniqArrayIf(${NAMES})(${pod}, ${when})`;
  const found = new Map<string, EndRow>();
  const rows = run.arrays(
    `SELECT key, uniqExact(if(turned, dst_name, src_name)), uniqExact(if(turned, src_name, dst_name)),
      arrayDistinct(arrayConcat(${names("from_pod", "NOT turned")}, ${names("to_pod", "turned")})),
      arrayDistinct(arrayConcat(${names("to_pod", "NOT turned")}, ${names("from_pod", "turned")}))
     FROM (SELECT ${columns.of("src", "pod", "''")} AS from_pod, ${columns.of("dst", "pod", "''")} AS to_pod,
      ${rowColumns(columns)} FROM flows WHERE ${whereOf(range, params)})
     WHERE key > ${ASIDE} GROUP BY key${settings}`,
    params,
    signal,
  );
  for await (const part of rows)
    for (const [key, clients, servers, client_pods, server_pods] of part as EndValues[])
      found.set(key, { clients, servers, client_pods, server_pods });
  return found;
}
