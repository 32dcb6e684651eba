import { peerTuple } from "../migrations/peer-sql.js";
import type { Bounded } from "./bounds.js";
import { viewerColumns } from "./columns.js";
import { FLOW_WEIGHT } from "./drop-count.js";
import { edgeWhere } from "./edge-filter.js";
import { wholeMinutes } from "./minute-sql.js";
import type { Params } from "./params.js";
import { and } from "./sql.js";
import { timeSql } from "./time-sql.js";
import { whereOf } from "./where.js";

/** Flows that a question about edges looks at, as conditions on `flows` and on `edges_1m`. */
export interface EdgeKinds {
  readonly flows: string;
  readonly rollup: string;
}

/**
 * Rows of `src`, `dst` (client before server; kind, namespace, name), `protocol`, `port`,
 * `direction`, `verdict`, `drop_reason`, `event_type`, `weight`, `first` and `last`: one a flow.
 */
export function rawEdges(range: Bounded, kinds: EdgeKinds, params: Params, more = "1"): string {
  const columns = viewerColumns(range.viewer, params);
  const end = (side: "src" | "dst"): string => {
    const inScope = columns.inScope(side);
    const full = peerTuple(side);
    return inScope === "1"
      ? full
      : `if(${inScope}, ${full}, ('unknown', toString(${side}_namespace), ''))`;
  };
  // On an answer, client and server change places.
  return `SELECT if(reply = 'yes', ${end("dst")}, ${end("src")}) AS src, if(reply = 'yes', ${end("src")}, ${end("dst")}) AS dst,
    toString(protocol) AS protocol, if(reply = 'yes', src_port, dst_port) AS port, direction, verdict, drop_reason,
    event_type, ${FLOW_WEIGHT} AS weight, time AS first, time AS last
    FROM flows WHERE ${and([whereOf(range, params), kinds.flows, more])}`;
}

/**
 * The same, one a minute: whole minutes from `edges_1m` where it knows what is filtered, the rest
 * of both ends from the flows. Undefined where the rollup cannot answer.
 */
export function rolledEdges(range: Bounded, kinds: EdgeKinds, params: Params): string | undefined {
  const where = edgeWhere(range, params);
  const minutes = wholeMinutes(range.since, range.until);
  if (where === undefined || minutes.from === minutes.to) return undefined;
  const from = timeSql(minutes.from, params);
  const to = timeSql(minutes.to, params);
  const within = and([`minute >= toDateTime(${from}, 'UTC')`, `minute < toDateTime(${to}, 'UTC')`]);
  return `${minuteEdges(kinds, and([within, where]))} UNION ALL ${rawEdges(range, kinds, params, `(time < ${from} OR time >= ${to})`)}`;
}

/** The same, one a minute, from the minutes that `where` tells. */
function minuteEdges(kinds: EdgeKinds, where: string): string {
  const end = (side: "src" | "dst"): string =>
    `(toString(${side}_kind), toString(${side}_namespace), toString(${side}_name))`;
  return `SELECT ${end("src")} AS src, ${end("dst")} AS dst, toString(protocol) AS protocol, port, direction,
    verdict, drop_reason, event_type, toUInt64(count) AS weight, first_seen AS first, last_seen AS last
    FROM edges_1m WHERE ${and([kinds.rollup, where])}`;
}
