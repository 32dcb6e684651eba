import { cutDnsFinding, type DnsFinding } from "@dropscope/model";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { and, or } from "../read/sql.js";
import { timeSql } from "../read/time-sql.js";
import { visibleSql } from "./problem-sql.js";
import type { DnsQuery } from "./types.js";

const DEFAULT_LIMIT = 500;
const NAMESPACES = ["client_namespace", "server_namespace"];

export async function dnsFindings(
  run: Runner,
  query: DnsQuery,
  signal: AbortSignal | undefined,
): Promise<DnsFinding[]> {
  const { viewer, range = {}, ids, namespace, limit = DEFAULT_LIMIT } = query;
  const params = new Params();
  const where = and([
    "finding != ''",
    visibleSql(viewer, NAMESPACES, params),
    ids === undefined ? "1" : `id IN ${params.add("Array(String)", ids)}`,
    range.since === undefined ? "1" : `last_seen >= ${timeSql(range.since, params)}`,
    range.until === undefined ? "1" : `first_seen <= ${timeSql(range.until, params)}`,
    namespace === undefined
      ? "1"
      : or(NAMESPACES.map((column) => `${column} = ${params.add("String", namespace)}`)),
  ]);
  const rows = await run.rows<{ finding: string }>(
    `SELECT finding FROM dns_findings FINAL WHERE ${where}
     ORDER BY indexOf(['critical', 'high', 'medium', 'info'], severity), last_seen DESC, id
     LIMIT ${params.add("UInt64", BigInt(limit))}`,
    params,
    signal,
  );
  return rows.flatMap(
    ({ finding }) => cutDnsFinding(JSON.parse(finding) as DnsFinding, viewer) ?? [],
  );
}
