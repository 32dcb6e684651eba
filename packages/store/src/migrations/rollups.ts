import type { Retention } from "../config.js";
import { ttlOf, type TableShape } from "./ddl.js";
import { PEER_KIND, peerTuple } from "./peer-sql.js";

const SEEN = [
  "count SimpleAggregateFunction(sum, UInt64) COMMENT 'Flows, weighted.' CODEC(T64, ZSTD(1))",
  "first_seen SimpleAggregateFunction(min, DateTime64(9, 'UTC')) CODEC(Delta(8), ZSTD(1))",
  "last_seen SimpleAggregateFunction(max, DateTime64(9, 'UTC')) CODEC(Delta(8), ZSTD(1))",
  "stored_on SimpleAggregateFunction(max, Date) COMMENT 'Retention counts from here.'",
];

const peer = (name: string): string[] => [
  `${name}_kind ${PEER_KIND}`,
  `${name}_namespace LowCardinality(String)`,
  `${name}_name LowCardinality(String)`,
];

/** A table that a materialised view fills as flows arrive. */
export interface Rollup {
  table: TableShape;
  /** SELECT of the view; its columns are those of the table. */
  select: string;
}

/**
 * Flows whose ends are named and oriented: on a reply, client and server change places. Each
 * step names the columns it needs: planning a view over all hundred costs more than a small batch.
 */
function oriented(columns: readonly string[]): string {
  const kept = ["time", "reply", "flow_count", "stored_on", ...columns].join(", ");
  return `SELECT ${kept}, server_port,
    if(reply = 'yes', dst_peer, src_peer) AS client,
    if(reply = 'yes', src_peer, dst_peer) AS server
  FROM (SELECT ${kept}, if(reply = 'yes', src_port, dst_port) AS server_port,
      ${peerTuple("src")} AS src_peer,
      ${peerTuple("dst")} AS dst_peer
    FROM flows)`;
}

const SEEN_SELECT = `sum(toUInt64(f.flow_count)) AS count,
  min(f.time) AS first_seen, max(f.time) AS last_seen, max(f.stored_on) AS stored_on`;

const ends = (client: string, server: string): string =>
  `${client}.1 AS src_kind, ${client}.2 AS src_namespace, ${client}.3 AS src_name,
  ${server}.1 AS dst_kind, ${server}.2 AS dst_namespace, ${server}.3 AS dst_name`;

function shape(
  name: string,
  time: "minute" | "hour",
  keys: readonly string[],
  columns: readonly string[],
  ttl: string,
): TableShape {
  return {
    name,
    columns: [`${time} DateTime('UTC') CODEC(Delta(4), ZSTD(1))`, ...columns, ...SEEN],
    engine: "AggregatingMergeTree",
    partitionBy: `toDate(${time})`,
    orderBy: `(${[time, ...keys].join(", ")})`,
    ttl,
  };
}

const columnNames = (columns: readonly string[]): string[] =>
  columns.map((column) => column.slice(0, column.indexOf(" ")));

export function rollups(retention: Retention): Rollup[] {
  const ttl = ttlOf(retention);
  const drops = [
    "verdict UInt8 COMMENT 'VERDICTS; every verdict is kept, so the mix is here too.'",
    "drop_reason UInt16",
    "event_type Int32 COMMENT 'A denied packet is told twice: as a drop (1) and as a policy verdict (5).'",
    "direction UInt8",
    "node LowCardinality(String)",
    "src_namespace LowCardinality(String)",
    "dst_namespace LowCardinality(String)",
  ];
  const edges = [
    "verdict UInt8",
    "drop_reason UInt16",
    "event_type Int32",
    "direction UInt8",
    ...peer("src"),
    ...peer("dst"),
    "protocol LowCardinality(String)",
    "port UInt16 COMMENT 'Of the server.'",
  ];
  const peers = [
    "namespace LowCardinality(String)",
    "workload LowCardinality(String)",
    "side Enum8('client' = 1, 'server' = 2) COMMENT 'What the workload was in the connection.'",
    "verdict UInt8",
    ...peer("peer"),
    "protocol LowCardinality(String)",
    "port UInt16",
  ];
  const dns = [
    ...peer("src"),
    "query String",
    "rcode UInt32",
    "kind Enum8('request' = 1, 'response' = 2)",
  ];
  return [
    {
      table: shape("drops_1m", "minute", columnNames(drops), drops, ttl["drops_1m"] as string),
      select: `SELECT toStartOfMinute(f.time) AS minute, ${columnNames(drops)
        .map((name) => `f.${name} AS ${name}`)
        .join(", ")},
  ${SEEN_SELECT}
FROM flows AS f GROUP BY minute, ${columnNames(drops).join(", ")}`,
    },
    {
      table: shape("edges_1m", "minute", columnNames(edges), edges, ttl["edges_1m"] as string),
      select: `SELECT toStartOfMinute(f.time) AS minute, f.verdict AS verdict, f.drop_reason AS drop_reason,
  f.event_type AS event_type, f.direction AS direction,
  ${ends("f.client", "f.server")},
  toString(f.protocol) AS protocol, f.server_port AS port,
  ${SEEN_SELECT}
FROM (${oriented(["verdict", "drop_reason", "event_type", "direction", "protocol"])}) AS f
GROUP BY minute, ${columnNames(edges).join(", ")}`,
    },
    {
      table: shape("peers_1h", "hour", columnNames(peers), peers, ttl["peers_1h"] as string),
      // From the edges, which have named the ends already: a hundred rows in place of ten thousand.
      select: `SELECT toStartOfHour(e.minute) AS hour, e.end.2 AS namespace, e.end.3 AS workload,
  e.end.4 AS side, e.verdict AS verdict,
  e.end.5 AS peer_kind, e.end.6 AS peer_namespace, e.end.7 AS peer_name,
  e.protocol AS protocol, e.port AS port,
  sum(e.count) AS count, min(e.first_seen) AS first_seen, max(e.last_seen) AS last_seen,
  max(e.stored_on) AS stored_on
FROM (SELECT *, arrayJoin([
    (toString(src_kind), toString(src_namespace), toString(src_name), 'client', toString(dst_kind), toString(dst_namespace), toString(dst_name)),
    (toString(dst_kind), toString(dst_namespace), toString(dst_name), 'server', toString(src_kind), toString(src_namespace), toString(src_name))
  ]) AS end FROM edges_1m) AS e
WHERE e.end.1 IN ('workload', 'pod')
GROUP BY hour, ${columnNames(peers).join(", ")}`,
    },
    {
      table: shape("dns_1m", "minute", columnNames(dns), dns, ttl["dns_1m"] as string),
      select: `SELECT toStartOfMinute(f.time) AS minute,
  f.client.1 AS src_kind, f.client.2 AS src_namespace, f.client.3 AS src_name,
  f.dns_query AS query, f.dns_rcode AS rcode, if(f.reply = 'yes' OR f.l7_type = 2, 'response', 'request') AS kind,
  ${SEEN_SELECT}
FROM (${oriented(["dns_query", "dns_rcode", "l7_type", "l7_protocol"])}) AS f WHERE f.l7_protocol = 'dns' GROUP BY minute, ${columnNames(dns).join(", ")}`,
    },
  ];
}

/** The view that fills a rollup. */
export function viewDdl(rollup: Rollup): string {
  const { name } = rollup.table;
  return `CREATE MATERIALIZED VIEW IF NOT EXISTS ${name}_mv TO ${name} AS\n${rollup.select}`;
}
