import { storedSpan } from "./bounds.js";
import { Params } from "./params.js";
import type { Runner } from "./run.js";
import { timeSql } from "./time-sql.js";

export interface Totals {
  newestNs: bigint;
  flows: number;
  lostRecent: number;
  lostTotal: number;
  nodes: string[];
}

const HOUR_NS = 3_600_000_000_000n;
const MAX_NODES = 10_000;

/** Figures for coverage. `nodes` are those that sent something within the last stored hour. */
export async function totals(run: Runner, sinceNs: bigint): Promise<Totals> {
  const span = await storedSpan(run, undefined);
  const params = new Params();
  const [lost] = await run.rows<{ recent: string; total: string }>(
    `SELECT sumIf(lost, at >= ${timeSql(sinceNs, params)}) AS recent, sum(lost) AS total
     FROM (SELECT any(count) AS lost, any(gaps.time) AS at FROM gaps WHERE source >= 0 GROUP BY id)`,
    params,
    undefined,
  );
  const nodes = new Params();
  const found =
    span === undefined
      ? []
      : await run.rows<{ node: string }>(
          `SELECT DISTINCT node FROM flows WHERE time >= ${timeSql(span.newest - HOUR_NS, nodes)} AND node != '' ORDER BY node LIMIT ${MAX_NODES}`,
          nodes,
          undefined,
        );
  return {
    newestNs: span?.newest ?? 0n,
    flows: span?.flows ?? 0,
    lostRecent: Number(lost?.recent ?? 0),
    lostTotal: Number(lost?.total ?? 0),
    nodes: found.map((row) => row.node),
  };
}
