import { conditionsOf, type FlowFilter, type FlowSelection } from "@dropscope/model";
import type { FlowQuery, LandedBatch } from "../reader.js";
import { viewerColumns } from "./columns.js";
import { conditionSql, type SqlContext } from "./condition-sql.js";
import type { Params } from "./params.js";
import { and, not, or } from "./sql.js";
import { asOfSql } from "./ledger.js";
import { rangeSql } from "./time-sql.js";

/**
 * WHERE of a question about `flows`: the one place where a selection, a viewer and a range
 * become SQL. Values travel as typed parameters only.
 * @throws FilterError
 */
export function whereOf(
  query: FlowQuery & { batches?: readonly LandedBatch[] },
  params: Params,
): string {
  const columns = viewerColumns(query.viewer, params);
  const span = and([
    rangeSql(query, params),
    query.batches === undefined ? "1" : batchesSql(query.batches, params),
  ]);
  return and([
    span,
    query.asOf === undefined ? "1" : asOfSql(query.asOf, query, params),
    columns.visible,
    selectionSql(query.selection, { columns, params, span }),
  ]);
}

export function selectionSql(selection: FlowSelection, context: SqlContext): string {
  const one = (filter: FlowFilter): string =>
    and(conditionsOf(filter).map((condition) => conditionSql(condition, context)));
  const allow = selection.allow.length === 0 ? "1" : or(selection.allow.map(one));
  return and([allow, not(or(selection.deny.map(one)))]);
}

/** Exactly the rows of these batches; their times keep the search within a few partitions. */
export function batchesSql(batches: readonly LandedBatch[], params: Params): string {
  const withFlows = batches.filter((batch) => batch.flows > 0);
  const [first] = withFlows;
  if (first === undefined) return "0";
  let since = first.minTimeNs;
  let until = first.maxTimeNs;
  for (const batch of withFlows) {
    if (batch.minTimeNs < since) since = batch.minTimeNs;
    if (batch.maxTimeNs > until) until = batch.maxTimeNs;
  }
  return and([
    `batch IN ${params.add(
      "Array(UInt64)",
      withFlows.map((batch) => batch.id),
    )}`,
    rangeSql({ since, until }, params),
  ]);
}
