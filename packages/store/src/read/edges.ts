import {
  type Clock,
  DROP_REASONS,
  enumName,
  TRAFFIC_DIRECTIONS,
  VERDICTS,
  type Edge,
  type Peer,
} from "@dropscope/model";
import { peerTuple } from "../migrations/peer-sql.js";
import type { FlowQuery } from "../reader.js";
import { bounded, type Bounded } from "./bounds.js";
import { viewerColumns } from "./columns.js";
import { dropCount, FLOW_WEIGHT } from "./drop-count.js";
import { wholeMinutes } from "./minute-sql.js";
import { Params } from "./params.js";
import type { Runner } from "./run.js";
import { and } from "./sql.js";
import { timeSql } from "./time-sql.js";
import { whereOf } from "./where.js";

export type EdgesQuery = FlowQuery & { limit: number; rateAt?: bigint };

const MAX_EDGES = 1000;
const MINUTE_NS = 60_000_000_000n;
const MINUTE_S = 60;

interface EdgeRow {
  src: [Peer["kind"], string, string];
  dst: [Peer["kind"], string, string];
  protocol: string;
  port: number;
  direction: number;
  verdict: number;
  drop_reason: number;
  drops: string;
  recent: string;
  first_ms: string;
  last_ms: string;
}

/** Who was denied to whom, most frequent first, client before server. */
export async function edges(
  run: Runner,
  clock: Pick<Clock, "now">,
  query: EdgesQuery,
  signal: AbortSignal | undefined,
): Promise<Edge[]> {
  const range = await bounded(run, query, signal);
  if (range === undefined) return [];
  const params = new Params();
  const rolled = rolledSource(range, params);
  const source = rolled ?? rawSource(range, params);
  // The rate speaks of the end of the asked range, where nothing may have come for long. A range may
  // reach into the future; of a rollup a minute can be told only as a whole.
  const now = BigInt(Math.floor(clock.now())) * 1_000_000n;
  const passed = least(query.rateAt ?? range.until, now) + 1n;
  const end = rolled === undefined ? passed : (passed / MINUTE_NS) * MINUTE_NS;
  const recent = `last >= ${timeSql(end - MINUTE_NS, params)} AND last < ${timeSql(end, params)}`;
  const limit = params.add(
    "UInt64",
    BigInt(Math.max(1, Math.min(MAX_EDGES, Math.floor(query.limit)))),
  );
  const rows = await run.rows<EdgeRow>(
    `SELECT src, dst, protocol, port, direction, verdict, drop_reason,
      ${dropCount("weight")} AS drops,
      greatest(sumIf(weight, event_type != 5 AND ${recent}), sumIf(weight, event_type = 5 AND ${recent})) AS recent,
      toUnixTimestamp64Milli(min(first)) AS first_ms, toUnixTimestamp64Milli(max(last)) AS last_ms
     FROM (${source})
     GROUP BY src, dst, protocol, port, direction, verdict, drop_reason
     ORDER BY drops DESC, last_ms DESC, src, dst, port LIMIT ${limit}`,
    params,
    signal,
  );
  return rows.map(edgeOf);
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function edgeOf(row: EdgeRow): Edge {
  const source = peer(row.src);
  const destination = peer(row.dst);
  const direction = String(enumName(TRAFFIC_DIRECTIONS, row.direction));
  const verdict = String(enumName(VERDICTS, row.verdict));
  const reason = row.drop_reason === 0 ? "" : String(enumName(DROP_REASONS, row.drop_reason));
  const protocol = row.protocol === "none" ? "" : row.protocol;
  return {
    id: [...row.src, ...row.dst, protocol, row.port, direction, reason].join("|"),
    source,
    destination,
    protocol,
    port: row.port,
    direction,
    verdict,
    reason,
    count: Number(row.drops),
    rate: Number(row.recent) / MINUTE_S,
    firstSeen: Number(row.first_ms),
    lastSeen: Number(row.last_ms),
  };
}

function peer([kind, namespace, name]: EdgeRow["src"]): Peer {
  return { kind, namespace, name };
}

const DROPPED = "kept_long = 1 AND verdict = 2";

/** On an answer, client and server change places. */
function rawSource(range: Bounded, params: Params, more = "1"): string {
  const columns = viewerColumns(range.viewer, params);
  const end = (side: "src" | "dst"): string => {
    const inScope = columns.inScope(side);
    const full = peerTuple(side);
    return inScope === "1"
      ? full
      : `if(${inScope}, ${full}, ('unknown', toString(${side}_namespace), ''))`;
  };
  return `SELECT if(reply = 'yes', ${end("dst")}, ${end("src")}) AS src, if(reply = 'yes', ${end("src")}, ${end("dst")}) AS dst,
    toString(protocol) AS protocol, if(reply = 'yes', src_port, dst_port) AS port, direction, verdict, drop_reason,
    event_type, ${FLOW_WEIGHT} AS weight, time AS first, time AS last
    FROM flows WHERE ${and([whereOf(range, params), DROPPED, more])}`;
}

/** Whole minutes from `edges_1m` where nothing is filtered, the rest of both ends from the flows. */
function rolledSource(range: Bounded, params: Params): string | undefined {
  const { allow, deny } = range.selection;
  if (
    range.asOf !== undefined ||
    range.viewer.namespaces !== "all" ||
    allow.length + deny.length > 0
  )
    return undefined;
  const minutes = wholeMinutes(range.since, range.until);
  if (minutes.from === minutes.to) return undefined;
  const from = timeSql(minutes.from, params);
  const to = timeSql(minutes.to, params);
  const end = (side: "src" | "dst"): string =>
    `(toString(${side}_kind), toString(${side}_namespace), toString(${side}_name))`;
  const rolled = `SELECT ${end("src")} AS src, ${end("dst")} AS dst, toString(protocol) AS protocol, port, direction,
    verdict, drop_reason, event_type, toUInt64(count) AS weight, first_seen AS first, last_seen AS last
    FROM edges_1m WHERE verdict = 2 AND minute >= toDateTime(${from}, 'UTC') AND minute < toDateTime(${to}, 'UTC')`;
  return `${rolled} UNION ALL ${rawSource(range, params, `(time < ${from} OR time >= ${to})`)}`;
}
