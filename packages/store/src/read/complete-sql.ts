import type { Side, ViewerColumns } from "./columns.js";
import type { CompleteKind } from "./complete.js";
import { and } from "./sql.js";

export interface CompletionContext {
  readonly columns: ViewerColumns;
  /** On the column `time`. */
  readonly since: string;
  /** Whole labels instead of their keys. */
  readonly values: boolean;
}

/** Rows of `value` and `seen`, some values several times: how often flows hold each name that the viewer may see. */
export function completionSql(what: CompleteKind, context: CompletionContext): string {
  const { columns } = context;
  const inScope = (side: Side): string => columns.inScope(side);
  const ofEnds = (value: (side: Side) => string, seen = inScope): string =>
    (["src", "dst"] as const)
      .map((side) => counted(value(side), context, seen(side)))
      .join(" UNION ALL ");
  switch (what) {
    case "namespace":
      return ofEnds((side) => `${side}_namespace`);
    case "pod":
      return ofEnds((side) => named(`${side}_namespace`, `${side}_pod`));
    case "workload":
      return ofEnds((side) => `${side}_workload`);
    case "service":
      return ofEnds(
        (side) => named(`${side}_service_namespace`, `${side}_service`),
        (side) => columns.serviceInScope(side),
      );
    case "cluster":
      return ofEnds((side) => `${side}_cluster`);
    case "fqdn":
      return ofEnds((side) => `arrayJoin(${side}_names)`);
    case "node":
      return counted("node", context);
    case "port":
      // The server's: on an answer it is the sender's.
      return counted(
        "if(reply = 'yes', src_port, dst_port)",
        context,
        "protocol IN ('TCP', 'UDP', 'SCTP')",
      );
    case "verdict":
      return counted("verdict", context, "verdict != 0");
    case "drop-reason":
      return counted("drop_reason", context, "kept_long = 1 AND verdict = 2");
    case "label":
      return labels(
        ofEnds((side) => `${side}_labels`),
        context,
      );
    case "node-label":
      return labels(counted("node_labels", context), context);
    case "policy":
      return policies(context);
  }
}

function counted(value: string, { since, columns }: CompletionContext, where = "1"): string {
  return `SELECT toString(${value}) AS value, count() AS seen FROM flows WHERE ${and([since, columns.visible, where])} GROUP BY value`;
}

/** With the namespace before it; empty where there is no name. */
function named(namespace: string, name: string): string {
  return `if(${name} = '', '', concat(${namespace}, '/', ${name}))`;
}

/** @param keys counts by the key of a label set, as text */
function labels(keys: string, { values }: CompletionContext): string {
  const key = "if(position(label, '=') = 0, label, substring(label, 1, position(label, '=') - 1))";
  return `SELECT ${values ? "label" : key} AS value, seen FROM (
    SELECT arrayJoin(sets.labels) AS label, counts.seen AS seen FROM (${keys}) AS counts
    INNER JOIN (SELECT toString(key) AS value, any(labels) AS labels FROM identities GROUP BY key) AS sets ON sets.value = counts.value)`;
}

/** Those that Hubble names on flows, and those that explanations hold responsible. */
function policies({ since, columns }: CompletionContext): string {
  const full = (namespace: string, name: string): string =>
    `if(${namespace} = '', ${name}, concat(${namespace}, '/', ${name}))`;
  const keys =
    "arrayConcat(egress_allowed_by, ingress_allowed_by, egress_denied_by, ingress_denied_by)";
  const where = and([since, columns.visible]);
  const listed = ["selecting", "denying"].map(
    (list) => `JSONExtract(explanation, '${list}', 'Array(Tuple(namespace String, name String))')`,
  );
  return `SELECT ${full("refs.namespace", "refs.name")} AS value, counts.seen AS seen FROM (
      SELECT arrayJoin(${keys}) AS key, count() AS seen FROM flows WHERE ${where} GROUP BY key) AS counts
    INNER JOIN (SELECT key, any(toString(namespace)) AS namespace, any(name) AS name FROM policy_refs GROUP BY key) AS refs ON refs.key = counts.key
    WHERE ${columns.seesNamespace("refs.namespace")}
    UNION ALL
    SELECT ${full("p.1", "p.2")} AS value, seen FROM (
      SELECT arrayJoin(arrayConcat(${listed.join(", ")})) AS p, count() AS seen FROM explanations WHERE ${where} GROUP BY p)
    WHERE ${columns.seesNamespace("p.1")}`;
}
