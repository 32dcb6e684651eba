import type { ObservedTraffic } from "@dropscope/model";
import type { Bounded } from "../read/bounds.js";
import { viewerColumns } from "../read/columns.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { whereOf } from "../read/where.js";
import { ASIDE, rowColumns, UNPLACED } from "./row-sql.js";

/** One edge, its ends still unnamed. */
export interface FoldedRow {
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
  readonly hours: readonly [hours: readonly number[], flows: readonly string[]];
  readonly clients: string;
  readonly servers: string;
  /** Names of pods at both ends, without their namespace; some of them. */
  readonly client_pods: string[];
  readonly server_pods: string[];
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
/** Bytes of groups beyond which the engine goes on on disk: a scan of the internet has no end. */
const IN_MEMORY = 600_000_000;

/** @param mayLimit whether the store's user may set what a query costs */
export async function foldedRows(
  run: Runner,
  range: Bounded,
  most: number,
  mayLimit: boolean,
  signal: AbortSignal | undefined,
): Promise<Counts & { rows: FoldedRow[] }> {
  const params = new Params();
  const columns = viewerColumns(range.viewer, params);
  const limit = params.add("UInt64", BigInt(Math.max(1, Math.floor(most))));
  const names = (pod: string, when: string): string =>
    `groupUniqArrayIf(${NAMES})(${pod}, ${when})`;
  const folded = `SELECT key, sum(weight) AS told, sumIf(weight, judged) AS verdicts,
      greatest(told - verdicts, verdicts) AS flows,
      greatest(sumIf(weight, opens), verdicts) AS starts, sumIf(weight, turned) AS replies,
      min(time) AS first, max(time) AS last, max(rank) AS stand,
      sumMap([toUInt32(hour * 2 + judged)], [weight]) AS hours,
      uniqExact(if(turned, dst_name, src_name)) AS clients, uniqExact(if(turned, src_name, dst_name)) AS servers,
      ${names("from_pod", "NOT turned")} AS a, ${names("to_pod", "turned")} AS b,
      ${names("to_pod", "NOT turned")} AS c, ${names("from_pod", "turned")} AS d
    FROM (SELECT time, ${columns.of("src", "pod", "''")} AS from_pod, ${columns.of("dst", "pod", "''")} AS to_pod,
      ${rowColumns(columns)} FROM flows WHERE ${whereOf(range, params)})
    GROUP BY key`;
  const rows = await run.rows<FoldedRow & Totals>(
    `SELECT key, flows, verdicts, starts, replies, stand, hours, clients, servers,
      toUnixTimestamp64Nano(first) AS first_ns, toUnixTimestamp64Nano(last) AS last_ns,
      arrayDistinct(arrayConcat(a, b)) AS client_pods, arrayDistinct(arrayConcat(c, d)) AS server_pods,
      all_told, toUnixTimestamp64Nano(all_first) AS all_first_ns, toUnixTimestamp64Nano(all_last) AS all_last_ns, edges, unplaced
     FROM (SELECT *, sum(told) OVER () AS all_told, min(first) OVER () AS all_first, max(last) OVER () AS all_last,
        countIf(key > ${ASIDE}) OVER () AS edges, sumIf(told, key = ${UNPLACED}) OVER () AS unplaced
      FROM (${folded}))
     ORDER BY key > ${ASIDE} DESC, flows DESC, first, key LIMIT ${limit}
     ${mayLimit ? `SETTINGS max_bytes_before_external_group_by = ${IN_MEMORY}` : ""}`,
    params,
    signal,
  );
  const [first] = rows;
  if (first === undefined) return { flows: 0, firstNs: 0n, lastNs: 0n, left: 0, unplaced: 0, rows };
  const kept = rows.filter(({ key }) => BigInt(key) > BigInt(ASIDE));
  return {
    flows: Number(first.all_told),
    firstNs: BigInt(first.all_first_ns),
    lastNs: BigInt(first.all_last_ns),
    left: Number(first.edges) - kept.length,
    unplaced: Number(first.unplaced),
    rows: kept,
  };
}
