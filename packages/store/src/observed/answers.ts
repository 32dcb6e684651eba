import { MOST_ANSWERS, MOST_NAMES, type ResolvedAddress } from "@dropscope/model";
import type { Bounded } from "../read/bounds.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { whereOf } from "../read/where.js";

/** Which addresses answers of DNS gave, by address. */
export async function answersIn(
  run: Runner,
  range: Bounded,
  signal: AbortSignal | undefined,
): Promise<ResolvedAddress[]> {
  const params = new Params();
  return run.rows<{ address: string; names: string[] }>(
    `SELECT address, arraySlice(arraySort(groupUniqArray(query)), 1, ${MOST_NAMES}) AS names
     FROM (SELECT arrayJoin(dns_ips) AS address, dns_query AS query
      FROM flows WHERE ${whereOf(range, params)} AND l7_protocol = 'dns' AND dns_query != '' AND notEmpty(dns_ips))
     GROUP BY address ORDER BY address LIMIT ${MOST_ANSWERS}`,
    params,
    signal,
  );
}
