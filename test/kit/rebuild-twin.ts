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
import { PRESENT, TCP_FLAGS } from "@dropscope/store";

// The slow, obvious way back from a row (as JSONEachRow prints it) to the flow: written
// from the comments of the schema, apart from the product's own reader.

export type Row = Record<string, unknown>;
type Json = Record<string, unknown>;

export interface SideRows {
  identities: Map<string, Row>;
  policies: Map<string, Row>;
}

export function byKey(rows: Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [String(row["key"]), row]));
}

function isDefault(value: unknown): boolean {
  return (
    value === undefined ||
    value === "" ||
    value === 0 ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}

function withoutDefaults(parts: Json): Json {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => !isDefault(value)));
}

/** A 64-bit number, which JSON has as text. */
function big(value: unknown): unknown {
  return value === "0" ? undefined : value;
}

function enumName(names: Record<number, string>, value: unknown): string | number | undefined {
  return value === 0 ? undefined : (names[value as number] ?? (value as number));
}

function addressOf(value: unknown, isThere: boolean): string | undefined {
  const text = String(value).replace(/^::ffff:(?=\d+\.)/, "");
  return text === "::" && !isThere ? undefined : text;
}

function macOf(value: unknown, isThere: boolean): string | undefined {
  if (!isThere) return undefined;
  return BigInt(String(value)).toString(16).padStart(12, "0").match(/../g)!.join(":");
}

function timeOf(value: unknown): string {
  const [date, rest] = String(value).split(" ");
  const [clock, nanos] = rest!.split(".");
  const digits = nanos === "000000000" ? "" : `.${nanos!.replace(/(000){1,2}$/, "")}`;
  return `${date}T${clock}${digits}Z`;
}

function merge(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over;
  const merged: Json = { ...base };
  for (const [name, value] of Object.entries(over)) merged[name] = merge(merged[name], value);
  return merged;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function rebuild(row: Row, side: SideRows): Json {
  const present = BigInt(String(row["present"]));
  const has = (bit: keyof typeof PRESENT) => (present & PRESENT[bit]) !== 0n;
  const when = (bit: keyof typeof PRESENT, parts: Json) =>
    has(bit) ? withoutDefaults(parts) : undefined;
  const labels = (key: unknown) => side.identities.get(String(key))?.["labels"];
  const endpoint = (bit: "source" | "destination", p: "src" | "dst") =>
    when(bit, {
      ID: row[`${p}_endpoint`],
      identity: row[`${p}_identity`],
      cluster_name: row[`${p}_cluster`],
      namespace: row[`${p}_namespace`],
      labels: labels(row[`${p}_labels`]),
      pod_name: row[`${p}_pod`],
      workloads: has(p === "src" ? "srcWorkload" : "dstWorkload")
        ? [withoutDefaults({ name: row[`${p}_workload`], kind: row[`${p}_workload_kind`] })]
        : [],
    });
  const policies = (column: string) =>
    (row[column] as unknown[]).map((key) => {
      const { name, namespace, kind, revision, labels } = side.policies.get(String(key))!;
      return withoutDefaults({ name, namespace, labels, revision: big(revision), kind });
    });
  const ports = withoutDefaults({
    source_port: row["src_port"],
    destination_port: row["dst_port"],
  });
  const icmp = withoutDefaults({ type: row["icmp_type"], code: row["icmp_code"] });
  const flags = Object.entries(TCP_FLAGS).filter(
    ([, bit]) => ((row["tcp_flags"] as number) & bit) !== 0,
  );
  const protocol = String(row["protocol"]);
  const l4: Json = {
    TCP: {
      ...ports,
      ...(has("tcpFlags")
        ? { flags: Object.fromEntries(flags.map(([name]) => [name, true])) }
        : {}),
    },
    UDP: ports,
    SCTP: ports,
    ICMPv4: icmp,
    ICMPv6: icmp,
    VRRP: {},
    IGMP: {},
  };
  const names = row["http_header_names"] as string[];
  const values = row["http_header_values"] as string[];
  const l7: Json = {
    dns: withoutDefaults({
      query: row["dns_query"],
      ips: row["dns_ips"],
      ttl: row["dns_ttl"],
      cnames: row["dns_cnames"],
      observation_source: row["dns_source"],
      rcode: row["dns_rcode"],
      qtypes: row["dns_qtypes"],
      rrtypes: row["dns_rrtypes"],
    }),
    http: withoutDefaults({
      code: row["http_code"],
      method: row["http_method"],
      url: row["http_url"],
      protocol: row["http_protocol"],
      headers: names.map((key, i) => withoutDefaults({ key, value: values[i] })),
    }),
  };
  const record = String(row["l7_protocol"]);
  const reason = row["drop_reason"];
  const flow = {
    ...withoutDefaults({
      uuid: has("uuid") ? row["uuid"] : "",
      verdict: enumName(VERDICTS, row["verdict"]),
      drop_reason: has("dropReasonNumber") ? reason : 0,
      drop_reason_desc: has("dropReasonDesc") ? enumName(DROP_REASONS, reason) : undefined,
      Type: enumName(FLOW_TYPES, row["type"]),
      node_name: row["node"],
      node_labels: labels(row["node_labels"]),
      source_names: row["src_names"],
      destination_names: row["dst_names"],
      reply: has("replyFlag"),
      traffic_direction: enumName(TRAFFIC_DIRECTIONS, row["direction"]),
      policy_match_type: row["policy_match_type"],
      trace_observation_point: enumName(OBSERVATION_POINTS, row["observation_point"]),
      trace_reason: enumName(TRACE_REASONS, row["trace_reason"]),
      debug_capture_point: enumName(DEBUG_CAPTURE_POINTS, row["debug_capture_point"]),
      proxy_port: row["proxy_port"],
      sock_xlate_point: enumName(SOCKET_POINTS, row["sock_xlate_point"]),
      socket_cookie: big(row["socket_cookie"]),
      cgroup_id: big(row["cgroup_id"]),
      auth_type: enumName(AUTH_TYPES, row["auth_type"]),
      egress_allowed_by: policies("egress_allowed_by"),
      ingress_allowed_by: policies("ingress_allowed_by"),
      egress_denied_by: policies("egress_denied_by"),
      ingress_denied_by: policies("ingress_denied_by"),
      policy_log: row["policy_log"],
      Summary: row["summary"],
    }),
    time: has("time") ? timeOf(row["time"]) : undefined,
    is_reply: row["reply"] === "unknown" ? undefined : row["reply"] === "yes",
    ethernet: when("ethernet", {
      source: macOf(row["src_mac"], has("ethernetSource")),
      destination: macOf(row["dst_mac"], has("ethernetDestination")),
    }),
    IP: when("ip", {
      source: addressOf(row["src_ip"], has("srcIp")),
      destination: addressOf(row["dst_ip"], has("dstIp")),
      ipVersion: enumName(IP_VERSIONS, row["ip_version"]),
      encrypted: has("ipEncrypted"),
      source_xlated: addressOf(row["src_ip_xlated"], has("srcIpXlated")),
    }),
    l4: has("l4") ? (protocol === "none" ? {} : { [protocol]: l4[protocol] }) : undefined,
    source: endpoint("source", "src"),
    destination: endpoint("destination", "dst"),
    l7: has("l7")
      ? {
          ...withoutDefaults({
            type: enumName(L7_TYPES, row["l7_type"]),
            latency_ns: big(row["l7_latency_ns"]),
          }),
          ...(record === "other" ? {} : { [record]: l7[record] }),
        }
      : undefined,
    event_type: when("eventType", { type: row["event_type"], sub_type: row["event_sub_type"] }),
    source_service: when("sourceService", {
      name: row["src_service"],
      namespace: row["src_service_namespace"],
    }),
    destination_service: when("destinationService", {
      name: row["dst_service"],
      namespace: row["dst_service_namespace"],
    }),
    interface: when("interface", { index: row["interface_index"], name: row["interface_name"] }),
    trace_context: has("traceContext")
      ? has("traceParent")
        ? { parent: withoutDefaults({ trace_id: row["trace_id"] }) }
        : {}
      : undefined,
    ip_trace_id: when("ipTraceId", {
      trace_id: big(row["ip_trace_id"]),
      ip_option_type: row["ip_trace_option"],
    }),
    emitter: when("emitter", { name: row["emitter_name"], version: row["emitter_version"] }),
    aggregate: when("aggregate", {
      ingress_flow_count: row["agg_ingress"],
      egress_flow_count: row["agg_egress"],
      unknown_direction_flow_count: row["agg_unknown"],
    }),
  };
  const rest = row["rest"] === "" ? {} : (JSON.parse(String(row["rest"])) as Json);
  delete rest["unknown"];
  const merged = merge(flow, rest) as Json;
  return JSON.parse(JSON.stringify(merged)) as Json;
}
