import {
  type Clock,
  DROP_REASONS,
  enumName,
  TRAFFIC_DIRECTIONS,
  VERDICTS,
  type Edge,
  type Peer,
} from "@dropscope/model";
import type { FlowQuery } from "../reader.js";
import { bounded } from "./bounds.js";
import { dropCount } from "./drop-count.js";
import { type EdgeKinds, rawEdges, rolledEdges } from "./edge-source.js";
import { Params } from "./params.js";
import type { Runner } from "./run.js";
import { timeSql } from "./time-sql.js";

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
  const rolled = rolledEdges(range, DENIED, params);
  const source = rolled ?? rawEdges(range, DENIED, params);
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
     ORDER BY drops DESC, last_ms DESC, src, dst, port, protocol, direction, verdict, drop_reason LIMIT ${limit}`,
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

const DENIED: EdgeKinds = { flows: "kept_long = 1 AND verdict = 2", rollup: "verdict = 2" };
