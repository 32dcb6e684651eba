import { LOCAL_VIEWER } from "@dropscope/model";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { rangeSql } from "../read/time-sql.js";
import { whereOf } from "../read/where.js";
import type { BundleQuery } from "./types.js";

const ENDS = ["src", "dst"] as const;
const NAMES = [
  "node",
  ...ENDS.flatMap((end) => [
    `${end}_cluster`,
    `${end}_namespace`,
    `${end}_pod`,
    `${end}_workload`,
    `${end}_service`,
    `${end}_service_namespace`,
  ]),
  "dns_query",
];
const LISTS = ["src_names", "dst_names", "dns_cnames"];
const LABELS = ["src_labels", "dst_labels", "node_labels"];
const POLICIES = [
  "egress_allowed_by",
  "ingress_allowed_by",
  "egress_denied_by",
  "ingress_denied_by",
];

/** Every name that flows of the query carry, each once and in no order; labels as `source:key=value`. */
export async function* namesIn(
  run: Runner,
  query: BundleQuery,
  signal: AbortSignal | undefined,
): AsyncIterable<string[]> {
  const params = new Params();
  const where = whereOf({ ...query, viewer: LOCAL_VIEWER }, params);
  const of = (list: string): string =>
    `SELECT DISTINCT arrayJoin(${list}) AS one FROM flows WHERE ${where}`;
  const texts = NAMES.map((name) => `toString(${name})`).join(", ");
  const lists = LISTS.map((name) => `CAST(${name}, 'Array(String)')`).join(", ");
  const keys = (columns: readonly string[]): string => columns.join(", ");
  const losses = rangeSql({ since: query.since, until: query.until }, params);
  const queries = [
    of(`arrayConcat([${texts}], ${lists})`),
    `SELECT DISTINCT arrayJoin(labels) AS one FROM identities WHERE key IN (${of(`[${keys(LABELS)}]`)})`,
    `SELECT DISTINCT arrayJoin(arrayConcat([name, toString(namespace)], labels)) AS one FROM policy_refs WHERE key IN (${of(`arrayConcat(${keys(POLICIES)})`)})`,
    `SELECT DISTINCT toString(node) AS one FROM gaps WHERE ${losses}`,
  ];
  for (const sql of queries)
    for await (const rows of run.stream<{ one: string }>(sql, params, signal))
      yield rows.map(({ one }) => one);
}
