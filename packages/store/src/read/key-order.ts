/**
 * Order of keys in Go's protojson: that of the fields in the .proto file. Flows built from
 * columns have it already; it is needed where `rest` put a key behind the others.
 */
const FLOW_KEYS: readonly string[] = [
  "time",
  "uuid",
  "emitter",
  "verdict",
  "drop_reason",
  "auth_type",
  "ethernet",
  "IP",
  "l4",
  "tunnel",
  "source",
  "destination",
  "Type",
  "node_name",
  "node_labels",
  "source_names",
  "destination_names",
  "l7",
  "reply",
  "event_type",
  "source_service",
  "destination_service",
  "traffic_direction",
  "policy_match_type",
  "trace_observation_point",
  "trace_reason",
  "file",
  "ip_trace_id",
  "drop_reason_desc",
  "is_reply",
  "debug_capture_point",
  "interface",
  "proxy_port",
  "trace_context",
  "sock_xlate_point",
  "socket_cookie",
  "cgroup_id",
  "Summary",
  "extensions",
  "egress_allowed_by",
  "ingress_allowed_by",
  "egress_denied_by",
  "ingress_denied_by",
  "policy_log",
  "aggregate",
];

const RANK = new Map(FLOW_KEYS.map((key, at) => [key, at]));

/** The same flow with its keys in the order of the wire contract; unknown keys last. */
export function inKeyOrder(flow: Record<string, unknown>): Record<string, unknown> {
  const rank = (key: string): number => RANK.get(key) ?? FLOW_KEYS.length;
  return Object.fromEntries(Object.entries(flow).sort(([a], [b]) => rank(a) - rank(b)));
}
