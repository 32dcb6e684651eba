import {
  AUTH_TYPES,
  DEBUG_CAPTURE_POINTS,
  DROP_REASONS,
  FLOW_TYPES,
  IP_VERSIONS,
  L7_TYPES,
  OBSERVATION_POINTS,
  SOCKET_POINTS,
  TRACE_REASONS,
  TRAFFIC_DIRECTIONS,
  VERDICTS,
} from "@dropscope/model";
import { isPresent } from "../read/columns.js";
import { TCP_FLAGS } from "../schema/flows.js";
import {
  EMPTY_LIST,
  enumCell,
  listCell,
  macCell,
  numberCell,
  numberWhere,
  textCell,
} from "./cells.js";
import type { ExportColumn, ExportKind, ExportView } from "./column.js";
import { endColumns } from "./end-columns.js";

type Sql = string | ((view: ExportView) => string);

function column(name: string, kind: ExportKind, comment: string, sql: Sql): ExportColumn {
  return { name, kind, comment, sql: typeof sql === "string" ? () => sql : sql };
}

/** A column that repeats what was asked or answered: empty for who may not see the content of requests. */
function layer7(name: string, kind: ExportKind, comment: string, sql: string): ExportColumn {
  const empty = { list: EMPTY_LIST, number: "NULL", text: "''", time: "NULL", truth: "NULL" }[kind];
  return column(name, kind, comment, (view) => view.layer7(sql, empty));
}

const hasL4Ports = "protocol IN ('TCP', 'UDP', 'SCTP')";
const isIcmp = "protocol IN ('ICMPv4', 'ICMPv6')";
const flags = Object.entries(TCP_FLAGS).map(
  ([name, bit]) => `if(bitTest(tcp_flags, ${Math.log2(bit)}), '${name}', '')`,
);
const tcpFlags = `arrayFilter(x -> x != '', [${flags.join(", ")}])`;
const headers =
  "arrayMap((n, v) -> concat(n, ': ', v), http_header_names, arrayResize(http_header_values, length(http_header_names), ''))";

/** Columns of an exported flow, in their order. Documented in docs/export.md, which is written from here. */
export const EXPORT_COLUMNS: readonly ExportColumn[] = [
  column("time", "time", "When the node saw it, UTC, nanoseconds.", "time"),
  column(
    "uuid",
    "text",
    "Hubble's id of the event; empty before Hubble 1.14.",
    `if(${isPresent("uuid")}, toString(uuid), '')`,
  ),
  column("node", "text", "`cluster/node`, or `node`.", textCell("node")),
  column("verdict", "text", "FORWARDED, DROPPED, AUDIT, …", enumCell("verdict", VERDICTS)),
  column(
    "drop_reason",
    "text",
    "Why it was dropped, as Hubble names it; empty when it was not.",
    enumCell("drop_reason", DROP_REASONS),
  ),
  column("type", "text", "L3_L4, L7 or SOCK.", enumCell("type", FLOW_TYPES)),
  column(
    "direction",
    "text",
    "INGRESS or EGRESS, seen from the pod whose policies decided.",
    enumCell("direction", TRAFFIC_DIRECTIONS),
  ),
  column(
    "is_reply",
    "truth",
    "Empty on most drops: nobody knows.",
    "multiIf(reply = 'yes', true, reply = 'no', false, NULL)",
  ),
  column(
    "protocol",
    "text",
    "TCP, UDP, SCTP, ICMPv4, ICMPv6, VRRP or IGMP.",
    "if(protocol = 'none', '', toString(protocol))",
  ),
  ...endColumns("src", hasL4Ports),
  ...endColumns("dst", hasL4Ports),
  column(
    "event_type",
    "number",
    "1 drop, 4 trace, 5 policy verdict, 7 socket, 129 L7.",
    numberCell("event_type"),
  ),
  column(
    "event_sub_type",
    "number",
    "Observation point of a trace, reason code of a drop.",
    numberCell("event_sub_type"),
  ),
  column(
    "observation_point",
    "text",
    "Where in the data path a trace was taken.",
    enumCell("observation_point", OBSERVATION_POINTS),
  ),
  column(
    "trace_reason",
    "text",
    "NEW, ESTABLISHED, REPLY, …",
    enumCell("trace_reason", TRACE_REASONS),
  ),
  ...(
    ["egress_allowed_by", "ingress_allowed_by", "egress_denied_by", "ingress_denied_by"] as const
  ).map((name) =>
    column(name, "list", "Policies that the data path named: `kind/namespace/name`.", (view) =>
      view.policies(name),
    ),
  ),
  column(
    "policy_match_type",
    "number",
    "How the entry of the policy map matched (policy verdicts).",
    numberCell("policy_match_type"),
  ),
  column("policy_log", "list", "Log texts of policies.", (view) =>
    view.bothEnds === "1"
      ? listCell("policy_log")
      : `if(${view.bothEnds}, ${listCell("policy_log")}, ${EMPTY_LIST})`,
  ),
  column(
    "auth_type",
    "text",
    "Authentication that was asked for.",
    enumCell("auth_type", AUTH_TYPES),
  ),
  column("tcp_flags", "list", "SYN, ACK, FIN, RST, …", listCell(tcpFlags)),
  column("icmp_type", "number", "", numberWhere(isIcmp, "icmp_type")),
  column("icmp_code", "number", "", numberWhere(isIcmp, "icmp_code")),
  layer7(
    "l7_protocol",
    "text",
    "dns, http or other.",
    "if(l7_protocol = 'none', '', toString(l7_protocol))",
  ),
  layer7("l7_type", "text", "REQUEST, RESPONSE or SAMPLE.", enumCell("l7_type", L7_TYPES)),
  layer7("l7_latency_ns", "number", "Nanoseconds.", numberCell("l7_latency_ns")),
  layer7("dns_query", "text", "", "dns_query"),
  layer7(
    "dns_rcode",
    "number",
    "0 NOERROR, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED.",
    numberWhere("l7_protocol = 'dns'", "dns_rcode"),
  ),
  layer7("dns_ips", "list", "", listCell("dns_ips")),
  layer7("dns_cnames", "list", "", listCell("dns_cnames")),
  layer7("dns_ttl", "number", "Seconds.", numberCell("dns_ttl")),
  layer7("dns_qtypes", "list", "", listCell("dns_qtypes")),
  layer7("dns_rrtypes", "list", "", listCell("dns_rrtypes")),
  layer7("dns_source", "text", "Who observed it: proxy or agent.", textCell("dns_source")),
  layer7("http_method", "text", "", textCell("http_method")),
  layer7("http_url", "text", "As stored: without secrets for live sources.", "http_url"),
  layer7("http_code", "number", "", numberCell("http_code")),
  layer7("http_protocol", "text", "", textCell("http_protocol")),
  layer7("http_headers", "list", "`name: value`.", listCell(headers)),
  layer7("trace_id", "text", "W3C trace id.", "trace_id"),
  column("ip_version", "text", "IPv4 or IPv6.", enumCell("ip_version", IP_VERSIONS)),
  column("ip_encrypted", "truth", "", `if(${isPresent("ipEncrypted")}, true, NULL)`),
  ...(["src", "dst"] as const).map((side) =>
    column(`${side}_mac`, "text", "", (view) => {
      const mac = macCell(`${side}_mac`, side === "src" ? "ethernetSource" : "ethernetDestination");
      return view.bothEnds === "1" ? mac : `if(${view.bothEnds}, ${mac}, '')`;
    }),
  ),
  column("interface_index", "number", "", numberCell("interface_index")),
  column("interface_name", "text", "", textCell("interface_name")),
  column("proxy_port", "number", "", numberCell("proxy_port")),
  column("debug_capture_point", "text", "", enumCell("debug_capture_point", DEBUG_CAPTURE_POINTS)),
  column("sock_xlate_point", "text", "", enumCell("sock_xlate_point", SOCKET_POINTS)),
  column("socket_cookie", "number", "", numberCell("socket_cookie")),
  column("cgroup_id", "number", "", numberCell("cgroup_id")),
  column("ip_trace_id", "number", "", numberCell("ip_trace_id")),
  column("node_labels", "list", "", (view) => view.labels("node_labels")),
  column(
    "flow_count",
    "number",
    "How many flows the row stands for, where Hubble aggregates; else 1.",
    "flow_count",
  ),
  column("emitter_name", "text", "", textCell("emitter_name")),
  column("emitter_version", "text", "", textCell("emitter_version")),
  column("summary", "text", "Hubble's one line.", (view) => view.layer7("summary", "''")),
  column(
    "rest",
    "text",
    "JSON of what no column holds: further workloads, Kafka, VRRP, IGMP, tunnels. Only for who sees everything.",
    (view) => (view.seesAll ? "rest" : "''"),
  ),
];
