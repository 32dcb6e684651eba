import type { Bounded } from "../read/bounds.js";
import { viewerColumns } from "../read/columns.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { whereOf } from "../read/where.js";
import type { FoldedRow } from "./folded.js";
import { podHash } from "./row-sql.js";

/**
 * Names of the pods of edges, without their namespaces, by their hashes. Distinct words of a column are found at next to no
 * cost, while names in the groups of the fold would be most of its work.
 */
export async function podNames(
  run: Runner,
  range: Bounded,
  rows: readonly FoldedRow[],
  signal: AbortSignal | undefined,
): Promise<Map<string, string>> {
  const wanted = new Set(
    rows.flatMap(({ client_pods, server_pods }) => [...client_pods, ...server_pods]),
  );
  const params = new Params();
  const columns = viewerColumns(range.viewer, params);
  const where = whereOf(range, params);
  const words = (side: "src" | "dst"): string =>
    `SELECT DISTINCT ${columns.of(side, "pod", "''")} AS pod FROM flows WHERE ${where}`;
  const found = run.arrays(
    `SELECT ${podHash("pod")}, pod FROM (${words("src")} UNION DISTINCT ${words("dst")})`,
    params,
    signal,
  );
  const names = new Map<string, string>();
  for await (const part of found)
    for (const [hash, name] of part as [hash: string, name: string][])
      if (wanted.has(hash)) names.set(hash, name);
  return names;
}
