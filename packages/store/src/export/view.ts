import type { Viewer } from "@dropscope/model";
import { isPresent, viewerColumns } from "../read/columns.js";
import type { Params } from "../read/params.js";
import { and } from "../read/sql.js";
import type { ExportView } from "./column.js";

/**
 * Names for the constants of one query that say what keys mean. They are looked up by
 * `transform`, which makes one hash table a query: a join would let go of the order of the rows.
 */
const LABELS = "known_labels";
const POLICIES = "known_policies";

export interface ViewSql {
  readonly view: ExportView;
  /** `WITH` clause with what keys mean, for rows that `where` chooses. */
  lookups(where: string): string;
}

/** What a viewer may see of rows of `flows`. */
export function exportView(viewer: Viewer, params: Params): ViewSql {
  const columns = viewerColumns(viewer, params);
  const all = viewer.namespaces === "all";
  const view: ExportView = {
    columns,
    params,
    seesAll: all && viewer.seesL7,
    bothEnds: and(all ? [] : [columns.inScope("src"), columns.inScope("dst")]),
    layer7: (sql, empty) => (viewer.seesL7 ? sql : `if(${isPresent("l7")}, ${empty}, ${sql})`),
    end: (side, sql, empty) => (all ? sql : `if(${columns.inScope(side)}, ${sql}, ${empty})`),
    labels: (key) =>
      `JSONExtract(transform(${key}, ${LABELS}.1, ${LABELS}.2, '[]'), 'Array(String)')`,
    policies: (keys) =>
      `arrayFilter(x -> x != '', arrayMap(k -> transform(k, ${POLICIES}.1, ${POLICIES}.2, ''), ${keys}))`,
  };
  const policyName =
    "arrayStringConcat(arrayFilter(x -> x != '', [toString(kind), toString(namespace), name]), '/')";
  const shown = columns.seesNamespace("namespace");
  return {
    view,
    lookups: (where) => {
      const used = (column: string): string =>
        `SELECT DISTINCT ${column} FROM flows WHERE ${where}`;
      const labels = ["src_labels", "dst_labels", "node_labels"].map(used).join(" UNION ALL ");
      const policies = [
        "egress_allowed_by",
        "ingress_allowed_by",
        "egress_denied_by",
        "ingress_denied_by",
      ]
        .map((column) => used(`arrayJoin(${column})`))
        .join(" UNION ALL ");
      // The pair that stands for no key keeps the lists from being empty.
      return `WITH
(SELECT (arrayPushBack(groupArray(key), 0), arrayPushBack(groupArray(text), '[]')) FROM (
  SELECT key, toJSONString(any(labels)) AS text FROM identities WHERE key IN (${labels}) GROUP BY key)) AS ${LABELS},
(SELECT (arrayPushBack(groupArray(key), 0), arrayPushBack(groupArray(text), '')) FROM (
  SELECT key, any(${policyName}) AS text FROM policy_refs WHERE ${shown} AND key IN (${policies}) GROUP BY key)) AS ${POLICIES}`;
    },
  };
}
