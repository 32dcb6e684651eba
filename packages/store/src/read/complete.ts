import type { Viewer } from "@dropscope/model";
import { storedSpan } from "./bounds.js";
import { viewerColumns } from "./columns.js";
import { Params } from "./params.js";
import type { Runner } from "./run.js";
import { and } from "./sql.js";
import { timeSql } from "./time-sql.js";

export type CompleteKind = "namespace" | "pod" | "workload" | "node";

const DAY_NS = 86_400_000_000_000n;
const MAX_VALUES = 50;

/** Values that begin so, most frequent in the last stored day first. Pods come with their namespace. */
export async function complete(
  run: Runner,
  what: CompleteKind,
  prefix: string,
  viewer: Viewer,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const span = await storedSpan(run, signal);
  if (span === undefined) return [];
  const params = new Params();
  const columns = viewerColumns(viewer, params);
  const recent = and([`time >= ${timeSql(span.newest - DAY_NS, params)}`, columns.visible]);
  const ends = (["src", "dst"] as const).map((side) => {
    const value = {
      namespace: `${side}_namespace`,
      pod: `if(${side}_pod = '', '', concat(${side}_namespace, '/', ${side}_pod))`,
      workload: `${side}_workload`,
    };
    if (what === "node")
      return `SELECT toString(node) AS value, count() AS seen FROM flows WHERE ${recent} GROUP BY value`;
    return `SELECT toString(${value[what]}) AS value, count() AS seen FROM flows WHERE ${and([recent, columns.inScope(side)])} GROUP BY value`;
  });
  const source = what === "node" ? (ends[0] ?? "") : ends.join(" UNION ALL ");
  const rows = await run.rows<{ value: string }>(
    `SELECT value FROM (${source}) WHERE value != '' AND startsWith(value, ${params.add("String", prefix)})
     GROUP BY value ORDER BY sum(seen) DESC, value LIMIT ${MAX_VALUES}`,
    params,
    signal,
  );
  return rows.map((row) => row.value);
}
