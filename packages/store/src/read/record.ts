import { FLOW_COLUMNS, type FlowColumn } from "../schema/flows.js";
import type { Params } from "./params.js";
import type { Pace, Runner } from "./run.js";

/** Columns that say how a row is kept, not what was seen. */
const KEEPING = new Set<FlowColumn>(["batch", "stored_on", "kept_long", "flow_count"]);

/**
 * A row of `flows` as it comes as JSON: 64-bit numbers as decimal strings, enums by name,
 * addresses and uuids as text, the time in ns as `time_ns`.
 */
export interface FlowRecord {
  time_ns: string;
  uuid: string;
  present: string;
  node: string;
  verdict: number;
  drop_reason: number;
  type: number;
  event_type: number;
  event_sub_type: number;
  direction: number;
  reply: "unknown" | "no" | "yes";
  observation_point: number;
  trace_reason: number;
  policy_match_type: number;
  auth_type: number;
  proxy_port: number;
  debug_capture_point: number;
  ip_version: number;
  src_ip: string;
  dst_ip: string;
  src_ip_xlated: string;
  protocol: "none" | "TCP" | "UDP" | "ICMPv4" | "ICMPv6" | "SCTP" | "VRRP" | "IGMP";
  src_port: number;
  dst_port: number;
  tcp_flags: number;
  icmp_type: number;
  icmp_code: number;
  src_mac: string;
  dst_mac: string;
  src_endpoint: number;
  src_identity: number;
  src_cluster: string;
  src_namespace: string;
  src_pod: string;
  src_workload: string;
  src_workload_kind: string;
  src_labels: string;
  src_names: string[];
  src_service: string;
  src_service_namespace: string;
  dst_endpoint: number;
  dst_identity: number;
  dst_cluster: string;
  dst_namespace: string;
  dst_pod: string;
  dst_workload: string;
  dst_workload_kind: string;
  dst_labels: string;
  dst_names: string[];
  dst_service: string;
  dst_service_namespace: string;
  interface_index: number;
  interface_name: string;
  l7_protocol: "none" | "dns" | "http" | "other";
  l7_type: number;
  l7_latency_ns: string;
  dns_query: string;
  dns_ips: string[];
  dns_ttl: number;
  dns_cnames: string[];
  dns_source: string;
  dns_rcode: number;
  dns_qtypes: string[];
  dns_rrtypes: string[];
  http_code: number;
  http_method: string;
  http_url: string;
  http_protocol: string;
  http_header_names: string[];
  http_header_values: string[];
  trace_id: string;
  sock_xlate_point: number;
  socket_cookie: string;
  cgroup_id: string;
  node_labels: string;
  emitter_name: string;
  emitter_version: string;
  egress_allowed_by: string[];
  ingress_allowed_by: string[];
  egress_denied_by: string[];
  ingress_denied_by: string[];
  policy_log: string[];
  ip_trace_id: string;
  ip_trace_option: number;
  agg_ingress: number;
  agg_egress: number;
  agg_unknown: number;
  summary: string;
  rest: string;
}

const SELECTED = FLOW_COLUMNS.filter((column) => !KEEPING.has(column.name)).map(
  (column) => column.name,
);

/** What a query for whole flows selects; read it with `flowRecords`. */
export const FLOW_SELECT: string = SELECTED.map((name) =>
  name === "time" ? "toUnixTimestamp64Nano(time) AS time_ns" : name,
).join(", ");

/** How many columns `FLOW_SELECT` names. */
export const FLOW_SELECTED: number = SELECTED.length;

/** Names of what `FLOW_SELECT` selects, in its order. */
export const FLOW_KEYS = SELECTED.map(
  (name): keyof FlowRecord => (name === "time" ? "time_ns" : name) as keyof FlowRecord,
);

/** A row of a query over `FLOW_SELECT`; further columns may follow, from `FLOW_SELECTED` on. */
export function recordOf(values: readonly unknown[]): FlowRecord {
  const record: Record<string, unknown> = {};
  for (let at = 0; at < FLOW_KEYS.length; at++) record[FLOW_KEYS[at] as string] = values[at];
  return record as unknown as FlowRecord;
}

/** Rows of a query over `FLOW_SELECT`, in pieces. */
export async function* flowRecords(
  run: Runner,
  sql: string,
  params: Params,
  signal: AbortSignal | undefined,
  pace: Pace = "store",
): AsyncIterable<FlowRecord[]> {
  for await (const rows of run.arrays(sql, params, signal, pace)) yield rows.map(recordOf);
}

export async function allRecords(
  run: Runner,
  sql: string,
  params: Params,
  signal: AbortSignal | undefined,
): Promise<FlowRecord[]> {
  const found: FlowRecord[] = [];
  for await (const rows of flowRecords(run, sql, params, signal)) found.push(...rows);
  return found;
}
