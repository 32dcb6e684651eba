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

/** Flows whose ends are named and oriented: on a reply, client and server change places. */
const ORIENTED = `SELECT *,
    ${peerTuple("src")} AS src_peer,
    ${peerTuple("dst")} AS dst_peer,
    if(reply = 'yes', dst_peer, src_peer) AS client,
    if(reply = 'yes', src_peer, dst_peer) AS server,
    if(reply = 'yes', src_port, dst_port) AS server_port
  FROM flows`;

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
FROM (${ORIENTED}) AS f GROUP BY minute, ${columnNames(edges).join(", ")}`,
    },
    {
      table: shape("peers_1h", "hour", columnNames(peers), peers, ttl["peers_1h"] as string),
      select: `SELECT toStartOfHour(f.time) AS hour, f.side.2.2 AS namespace, f.side.2.3 AS workload,
  f.side.1 AS side, f.verdict AS verdict,
  f.side.3.1 AS peer_kind, f.side.3.2 AS peer_namespace, f.side.3.3 AS peer_name,
  toString(f.protocol) AS protocol, f.server_port AS port,
  ${SEEN_SELECT}
FROM (SELECT *, arrayJoin([('client', client, server), ('server', server, client)]) AS side
  FROM (${ORIENTED})) AS f
WHERE f.side.2.1 IN ('workload', 'pod')
GROUP BY hour, ${columnNames(peers).join(", ")}`,
    },
    {
      table: shape("dns_1m", "minute", columnNames(dns), dns, ttl["dns_1m"] as string),
      select: `SELECT toStartOfMinute(f.time) AS minute,
  f.client.1 AS src_kind, f.client.2 AS src_namespace, f.client.3 AS src_name,
  f.dns_query AS query, f.dns_rcode AS rcode, if(f.reply = 'yes' OR f.l7_type = 2, 'response', 'request') AS kind,
  ${SEEN_SELECT}
FROM (${ORIENTED}) AS f WHERE f.l7_protocol = 'dns' GROUP BY minute, ${columnNames(dns).join(", ")}`,
    },
  ];
}

/** The view that fills a rollup. */
export function viewDdl(rollup: Rollup): string {
  const { name } = rollup.table;
  return `CREATE MATERIALIZED VIEW IF NOT EXISTS ${name}_mv TO ${name} AS\n${rollup.select}`;
}
