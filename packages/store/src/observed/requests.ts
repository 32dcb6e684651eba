import { edgeRequest, MOST_REQUESTS } from "@dropscope/model";
import type { Bounded } from "../read/bounds.js";
import { viewerColumns } from "../read/columns.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { whereOf } from "../read/where.js";
import { ASIDE, rowColumns } from "./row-sql.js";

export interface ToldRequest {
  readonly request: string;
  readonly flows: number;
}

interface RequestRow {
  key: string;
  kind_of: "http" | "dns" | "kafka";
  verb: string;
  what: string;
  flows: string;
}

/** For all edges together; beyond, the rarest are left out. */
const MOST_ROWS = 500_000;

/** What a proxy saw, by the key of its edge, the most frequent first. */
export async function requestsOf(
  run: Runner,
  range: Bounded,
  settings: string,
  signal: AbortSignal | undefined,
): Promise<Map<string, ToldRequest[]>> {
  const found = new Map<string, ToldRequest[]>();
  if (!range.viewer.seesL7) return found;
  const params = new Params();
  const columns = viewerColumns(range.viewer, params);
  const kafka = (name: string): string => `JSONExtractString(rest, 'l7', 'kafka', '${name}')`;
  const isKafka = "(l7_protocol = 'other' AND rest != '' AND JSONHas(rest, 'l7', 'kafka'))";
  const rows = run.stream<RequestRow>(
    `SELECT key, kind_of, verb, what, sum(weight) AS flows
     FROM (SELECT multiIf(l7_protocol = 'http', 'http', l7_protocol = 'dns', 'dns', 'kafka') AS kind_of,
        multiIf(l7_protocol = 'http', toString(http_method), l7_protocol = 'dns', '', ${kafka("api_key")}) AS verb,
        multiIf(l7_protocol = 'http', substringIndex(http_url, '?', 1), l7_protocol = 'dns', dns_query, ${kafka("topic")}) AS what,
        ${rowColumns(columns)}
      FROM flows WHERE ${whereOf(range, params)} AND l7_protocol != 'none' AND (l7_protocol IN ('http', 'dns') OR ${isKafka}))
     WHERE key > ${ASIDE} AND NOT turned
     GROUP BY key, kind_of, verb, what ORDER BY key, flows DESC, verb, what
     LIMIT ${MOST_REQUESTS} BY key LIMIT ${MOST_ROWS}${settings}`,
    params,
    signal,
  );
  for await (const part of rows)
    for (const { key, kind_of: kind, verb, what, flows } of part)
      add(found, key, edgeRequest(kind, verb, what), Number(flows));
  for (const told of found.values())
    told.sort((a, b) => b.flows - a.flows || (a.request < b.request ? -1 : 1));
  return found;
}

/** Texts that differ in how they were escaped are one request. */
function add(into: Map<string, ToldRequest[]>, key: string, request: string, flows: number): void {
  if (request === "") return;
  const told = into.get(key) ?? [];
  const at = told.findIndex((one) => one.request === request);
  if (at < 0) told.push({ request, flows });
  else told[at] = { request, flows: flows + (told[at]?.flows ?? 0) };
  into.set(key, told);
}
