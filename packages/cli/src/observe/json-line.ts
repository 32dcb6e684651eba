import type { Flow, ObservedItem } from "@dropscope/model";

/** Keys of a message in the order of Hubble's proto file (not of the field numbers), with the order of what is in them. */
type Order = readonly (string | readonly [string, Order])[];

const IP: Order = ["source", "source_xlated", "destination", "ipVersion", "encrypted"];
const PORTS: Order = ["source_port", "destination_port"];
const L4: Order = [
  ["TCP", [...PORTS, ["flags", ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "NS"]]]],
  ["UDP", PORTS],
  ["ICMPv4", ["type", "code"]],
  ["ICMPv6", ["type", "code"]],
  ["SCTP", PORTS],
  ["VRRP", ["type", "vrid", "priority"]],
  ["IGMP", ["type", "group_address"]],
];
const ENDPOINT: Order = [
  "ID",
  "identity",
  "cluster_name",
  "namespace",
  "labels",
  "pod_name",
  ["workloads", ["name", "kind"]],
];
const SERVICE: Order = ["name", "namespace"];
const POLICY: Order = ["name", "namespace", "labels", "revision", "kind"];

const FLOW: Order = [
  "time",
  "uuid",
  ["emitter", ["name", "version"]],
  "verdict",
  "drop_reason",
  "auth_type",
  ["ethernet", ["source", "destination"]],
  ["IP", IP],
  ["l4", L4],
  ["tunnel", ["protocol", ["IP", IP], ["l4", L4], "vni"]],
  ["source", ENDPOINT],
  ["destination", ENDPOINT],
  "Type",
  "node_name",
  "node_labels",
  "source_names",
  "destination_names",
  [
    "l7",
    [
      "type",
      "latency_ns",
      [
        "dns",
        ["query", "ips", "ttl", "cnames", "observation_source", "rcode", "qtypes", "rrtypes"],
      ],
      ["http", ["code", "method", "url", "protocol", ["headers", ["key", "value"]]]],
      ["kafka", ["error_code", "api_version", "api_key", "correlation_id", "topic"]],
    ],
  ],
  "reply",
  ["event_type", ["type", "sub_type"]],
  ["source_service", SERVICE],
  ["destination_service", SERVICE],
  "traffic_direction",
  "policy_match_type",
  "trace_observation_point",
  "trace_reason",
  ["file", ["name", "line"]],
  ["ip_trace_id", ["trace_id", "ip_option_type"]],
  "drop_reason_desc",
  "is_reply",
  "debug_capture_point",
  ["interface", ["index", "name"]],
  "proxy_port",
  ["trace_context", [["parent", ["trace_id"]]]],
  "sock_xlate_point",
  "socket_cookie",
  "cgroup_id",
  "Summary",
  "extensions",
  ["egress_allowed_by", POLICY],
  ["ingress_allowed_by", POLICY],
  ["egress_denied_by", POLICY],
  ["ingress_denied_by", POLICY],
  "policy_log",
  ["aggregate", ["ingress_flow_count", "egress_flow_count", "unknown_direction_flow_count"]],
];

const RESPONSE: Order = [
  ["flow", FLOW],
  ["lost_events", ["source", "num_events_lost", "cpu", "first", "last"]],
  "node_name",
  "time",
];

/** One line of `hubble observe -o jsonpb`, without the line break. */
export function jsonLine(item: ObservedItem): string {
  return write(item, RESPONSE);
}

const FIELDS = new Map(
  FLOW.map((entry) => (typeof entry === "string" ? ([entry, []] as const) : entry)),
);

/** The same in pieces: a flow, and `"key":value` of one of its fields. */
export const jsonFlow = {
  whole: (flow: Flow): string => write(flow, FLOW),
  field: (key: keyof Flow, value: unknown): string =>
    `"${key}":${write(value, FIELDS.get(key) ?? [])}`,
} as const;

function write(value: unknown, order: Order): string {
  if (Array.isArray(value)) return `[${value.map((entry) => write(entry, order)).join(",")}]`;
  if (typeof value !== "object" || value === null) return leaf(value);
  const object = value as Record<string, unknown>;
  const parts: string[] = [];
  const known = new Set<string>();
  for (const entry of order) {
    const [key, inner] = typeof entry === "string" ? [entry, []] : entry;
    known.add(key);
    if (object[key] !== undefined) parts.push(`"${key}":${write(object[key], inner)}`);
  }
  // What a newer Hubble adds stands behind what is known here.
  for (const key of Object.keys(object)) {
    if (!known.has(key) && object[key] !== undefined) {
      parts.push(`${leaf(key)}:${write(object[key], [])}`);
    }
  }
  return `{${parts.join(",")}}`;
}

const ESCAPED: Record<string, string> = {
  "<": String.raw`\u003c`,
  ">": String.raw`\u003e`,
  "&": String.raw`\u0026`,
  "\u2028": String.raw`\u2028`,
  "\u2029": String.raw`\u2029`,
};

/** As Go's encoder writes it: safe to stand in a page or a script. */
function leaf(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  return /[<>&\u2028\u2029]/.test(text)
    ? text.replaceAll(/[<>&\u2028\u2029]/g, (character) => ESCAPED[character] as string)
    : text;
}
