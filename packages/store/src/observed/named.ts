import { MOST_NAMED, mayStartIn, type NamedPolicy } from "@dropscope/model";
import type { Bounded } from "../read/bounds.js";
import { viewerColumns } from "../read/columns.js";
import type { LookupCache } from "../read/lookup.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { whereOf } from "../read/where.js";
import { ASIDE, rowColumns } from "./row-sql.js";

const LISTS = [
  { column: "egress_allowed_by", direction: "egress", action: "allow" },
  { column: "ingress_allowed_by", direction: "ingress", action: "allow" },
  { column: "egress_denied_by", direction: "egress", action: "deny" },
  { column: "ingress_denied_by", direction: "ingress", action: "deny" },
] as const;

interface NamedRow {
  key: string;
  /** Index into `LISTS`. */
  list: number;
  /** Key into `policy_refs`. */
  ref: string;
  flows: string;
}

/** Policies that Hubble named, by the key of their edge, the most frequent first. */
export async function namedBy(
  run: Runner,
  lookup: LookupCache,
  range: Bounded,
  settings: string,
  signal: AbortSignal | undefined,
): Promise<Map<string, NamedPolicy[]>> {
  const params = new Params();
  const columns = viewerColumns(range.viewer, params);
  const some = LISTS.map(({ column }) => `notEmpty(${column})`).join(" OR ");
  const all = LISTS.map(({ column }, at) => `arrayMap(ref -> (${at}, ref), ${column})`).join(", ");
  const rows = await run.rows<NamedRow>(
    `SELECT key, told.1 AS list, told.2 AS ref, sum(weight) AS flows
     FROM (SELECT arrayConcat(${all}) AS names, ${rowColumns(columns)}
      FROM flows WHERE ${whereOf(range, params)} AND (${some}))
     ARRAY JOIN names AS told
     WHERE key > ${ASIDE} GROUP BY key, list, ref${settings}`,
    params,
    signal,
  );
  await lookup.load(
    rows.map(({ ref }) => pointing(ref)),
    signal,
  );
  const byEdge = new Map<string, Map<string, NamedPolicy>>();
  for (const { key, list, ref, flows } of rows) {
    const found = LISTS[list];
    const { kind = "", namespace = "", name = "" } = lookup.policy(ref) ?? {};
    // A policy of somebody else's namespace is not told of.
    if (found === undefined || (namespace !== "" && !mayStartIn(range.viewer, namespace))) continue;
    const { direction, action } = found;
    const named = byEdge.get(key) ?? new Map<string, NamedPolicy>();
    byEdge.set(key, named);
    // A policy that was changed has another reference; it is the same one.
    const id = `${direction} ${action} ${kind}/${namespace}/${name}`;
    const before = named.get(id)?.flows ?? 0;
    const policy = { kind, namespace, name };
    named.set(id, { policy, direction, action, flows: before + Number(flows) });
  }
  return new Map([...byEdge].map(([key, named]) => [key, mostFrequent(named)]));
}

function mostFrequent(named: ReadonlyMap<string, NamedPolicy>): NamedPolicy[] {
  return [...named]
    .sort(([a, x], [b, y]) => y.flows - x.flows || (a < b ? -1 : 1))
    .slice(0, MOST_NAMED)
    .map(([, one]) => one);
}

/** What the lookup reads of a row. */
function pointing(ref: string): Parameters<LookupCache["load"]>[0][number] {
  return {
    src_labels: "0",
    dst_labels: "0",
    node_labels: "0",
    egress_allowed_by: [ref],
    ingress_allowed_by: [],
    egress_denied_by: [],
    ingress_denied_by: [],
  };
}
