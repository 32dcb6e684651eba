import { createHash } from "node:crypto";
import {
  DEBUG_CAPTURE_POINTS,
  DROP_REASONS,
  enumNumber,
  FLOW_TYPES,
  IP_VERSIONS,
  L7_TYPES,
  OBSERVATION_POINTS,
  SOCKET_POINTS,
  TRACE_REASONS,
  TRAFFIC_DIRECTIONS,
  VERDICTS,
  type EnumName,
  type Flow,
} from "@dropscope/model";
import { PRESENT, TCP_FLAGS, type StoreClient } from "@dropscope/store";

type Row = Record<string, unknown>;

/**
 * Rows of a batch for `INSERT … FORMAT JSONEachRow`: a plain and slow writer beside the real
 * one, so that the reader can be tested by itself.
 */
export class RowWriter {
  readonly flows: Row[] = [];
  readonly identities = new Map<string, Row>();
  readonly policies = new Map<string, Row>();
  readonly #batch: bigint;

  constructor(batch: bigint) {
    this.#batch = batch;
  }

  add(flow: Flow): this {
    this.flows.push(this.#row(flow));
    return this;
  }

  async insert(client: StoreClient): Promise<void> {
    const token = String(this.#batch);
    const put = async (table: string, rows: Row[]): Promise<void> => {
      if (rows.length > 0) await client.insertRows(table, rows, token);
    };
    await put("identities", [...this.identities.values()]);
    await put("policy_refs", [...this.policies.values()]);
    await put("flows", this.flows);
  }

  #row(flow: Flow): Row {
    const verdict = number(VERDICTS, flow.verdict);
    const bits = presentBits(flow);
    const l4 = flow.l4 ?? {};
    const [protocol = "none"] = Object.keys(l4);
    const ports = l4.TCP ?? l4.UDP ?? l4.SCTP;
    const icmp = l4.ICMPv4 ?? l4.ICMPv6;
    const { l7 } = flow;
    const rest: Record<string, unknown> = {};
    if (l7?.kafka !== undefined) rest["l7"] = { kafka: l7.kafka };
    for (const name of ["VRRP", "IGMP"] as const) if (l4[name]) rest["l4"] = { [name]: l4[name] };
    for (const name of ["file", "tunnel"] as const) if (flow[name]) rest[name] = flow[name];
    for (const end of ["source", "destination"] as const) {
      const workloads = flow[end]?.workloads ?? [];
      if (workloads.length > 1) rest[end] = { workloads };
    }
    const desc = number(DROP_REASONS, flow.drop_reason_desc);
    return {
      time: clickhouseTime(flow.time ?? "1970-01-01T00:00:00Z"),
      batch: String(this.#batch),
      stored_on: new Date().toISOString().slice(0, 10),
      kept_long: verdict === 2 || verdict === 3 || verdict === 4 ? 1 : 0,
      uuid: flow.uuid ?? hashUuid(flow),
      present: String(bits),
      flow_count: weight(flow),
      node: flow.node_name ?? "",
      verdict,
      drop_reason: flow.drop_reason_desc === undefined ? (flow.drop_reason ?? 0) : desc,
      type: number(FLOW_TYPES, flow.Type),
      event_type: flow.event_type?.type ?? 0,
      event_sub_type: flow.event_type?.sub_type ?? 0,
      direction: number(TRAFFIC_DIRECTIONS, flow.traffic_direction),
      reply: flow.is_reply === undefined ? "unknown" : flow.is_reply ? "yes" : "no",
      observation_point: number(OBSERVATION_POINTS, flow.trace_observation_point),
      trace_reason: number(TRACE_REASONS, flow.trace_reason),
      policy_match_type: flow.policy_match_type ?? 0,
      proxy_port: flow.proxy_port ?? 0,
      debug_capture_point: number(DEBUG_CAPTURE_POINTS, flow.debug_capture_point),
      ip_version: number(IP_VERSIONS, flow.IP?.ipVersion),
      src_ip: address(flow.IP?.source),
      dst_ip: address(flow.IP?.destination),
      src_ip_xlated: address(flow.IP?.source_xlated),
      protocol,
      src_port: ports?.source_port ?? 0,
      dst_port: ports?.destination_port ?? 0,
      tcp_flags: Object.entries(TCP_FLAGS).reduce(
        (sum, [name, bit]) => (l4.TCP?.flags?.[name as keyof typeof TCP_FLAGS] ? sum | bit : sum),
        0,
      ),
      icmp_type: icmp?.type ?? 0,
      icmp_code: icmp?.code ?? 0,
      src_mac: mac(flow.ethernet?.source),
      dst_mac: mac(flow.ethernet?.destination),
      ...this.#end(flow, "src"),
      ...this.#end(flow, "dst"),
      interface_index: flow.interface?.index ?? 0,
      interface_name: flow.interface?.name ?? "",
      l7_protocol: l7 === undefined ? "none" : l7.dns ? "dns" : l7.http ? "http" : "other",
      l7_type: number(L7_TYPES, l7?.type),
      l7_latency_ns: l7?.latency_ns ?? "0",
      dns_query: l7?.dns?.query ?? "",
      dns_ips: l7?.dns?.ips ?? [],
      dns_ttl: l7?.dns?.ttl ?? 0,
      dns_cnames: l7?.dns?.cnames ?? [],
      dns_source: l7?.dns?.observation_source ?? "",
      dns_rcode: l7?.dns?.rcode ?? 0,
      dns_qtypes: l7?.dns?.qtypes ?? [],
      dns_rrtypes: l7?.dns?.rrtypes ?? [],
      http_code: l7?.http?.code ?? 0,
      http_method: l7?.http?.method ?? "",
      http_url: l7?.http?.url ?? "",
      http_protocol: l7?.http?.protocol ?? "",
      http_header_names: (l7?.http?.headers ?? []).map((header) => header.key ?? ""),
      http_header_values: (l7?.http?.headers ?? []).map((header) => header.value ?? ""),
      trace_id: flow.trace_context?.parent?.trace_id ?? "",
      sock_xlate_point: number(SOCKET_POINTS, flow.sock_xlate_point),
      socket_cookie: flow.socket_cookie ?? "0",
      cgroup_id: flow.cgroup_id ?? "0",
      node_labels: this.#labels("", flow.node_labels),
      emitter_name: flow.emitter?.name ?? "",
      emitter_version: flow.emitter?.version ?? "",
      ...this.#policies(flow),
      policy_log: flow.policy_log ?? [],
      ip_trace_id: String(flow.ip_trace_id?.trace_id ?? 0),
      ip_trace_option: flow.ip_trace_id?.ip_option_type ?? 0,
      agg_ingress: flow.aggregate?.ingress_flow_count ?? 0,
      agg_egress: flow.aggregate?.egress_flow_count ?? 0,
      agg_unknown: flow.aggregate?.unknown_direction_flow_count ?? 0,
      summary: flow.Summary ?? "",
      rest: Object.keys(rest).length === 0 ? "" : JSON.stringify(rest),
    };
  }

  #end(flow: Flow, side: "src" | "dst"): Row {
    const name = side === "src" ? "source" : "destination";
    const end = flow[name] ?? {};
    const service = flow[`${name}_service`];
    const columns: Row = {
      endpoint: end.ID ?? 0,
      identity: end.identity ?? 0,
      cluster: end.cluster_name ?? "",
      namespace: end.namespace ?? "",
      pod: end.pod_name ?? "",
      workload: end.workloads?.[0]?.name ?? "",
      workload_kind: end.workloads?.[0]?.kind ?? "",
      labels: this.#labels(end.cluster_name ?? "", end.labels),
      names: flow[`${name}_names`] ?? [],
      service: service?.name ?? "",
      service_namespace: service?.namespace ?? "",
    };
    return Object.fromEntries(
      Object.entries(columns).map(([key, value]) => [`${side}_${key}`, value]),
    );
  }

  #labels(cluster: string, labels: readonly string[] | undefined): string {
    if (labels === undefined || labels.length === 0) return "0";
    const key = hash64([cluster, ...labels]);
    const seen_at = clickhouseTime(new Date().toISOString());
    this.identities.set(key, {
      key,
      cluster,
      identity: 0,
      labels,
      seen_at,
      batch: String(this.#batch),
    });
    return key;
  }

  #policies(flow: Flow): Row {
    const row: Row = {};
    for (const list of [
      "egress_allowed_by",
      "ingress_allowed_by",
      "egress_denied_by",
      "ingress_denied_by",
    ] as const) {
      row[list] = (flow[list] ?? []).map((ref) => {
        const key = hash64([JSON.stringify(ref)]);
        this.policies.set(key, {
          key,
          name: ref.name ?? "",
          namespace: ref.namespace ?? "",
          kind: ref.kind ?? "",
          revision: ref.revision ?? "0",
          labels: ref.labels ?? [],
          seen_at: clickhouseTime(new Date().toISOString()),
          batch: String(this.#batch),
        });
        return key;
      });
    }
    return row;
  }
}

function presentBits(flow: Flow): bigint {
  const { IP, ethernet, trace_context } = flow;
  const set: Partial<Record<keyof typeof PRESENT, unknown>> = {
    time: flow.time,
    uuid: flow.uuid,
    ethernet,
    ethernetSource: ethernet?.source,
    ethernetDestination: ethernet?.destination,
    ip: IP,
    ipEncrypted: IP?.encrypted === true ? true : undefined,
    srcIp: IP?.source,
    dstIp: IP?.destination,
    srcIpXlated: IP?.source_xlated,
    l4: flow.l4,
    tcpFlags: flow.l4?.TCP?.flags,
    source: flow.source,
    srcWorkload: flow.source?.workloads?.[0],
    destination: flow.destination,
    dstWorkload: flow.destination?.workloads?.[0],
    l7: flow.l7,
    eventType: flow.event_type,
    sourceService: flow.source_service,
    destinationService: flow.destination_service,
    interface: flow.interface,
    traceContext: trace_context,
    traceParent: trace_context?.parent,
    emitter: flow.emitter,
    ipTraceId: flow.ip_trace_id,
    aggregate: flow.aggregate,
    dropReasonDesc: flow.drop_reason_desc,
    dropReasonNumber: flow.drop_reason,
    replyFlag: flow.reply === true ? true : undefined,
  };
  let bits = 0n;
  for (const [name, value] of Object.entries(set)) {
    if (value !== undefined) bits |= PRESENT[name as keyof typeof PRESENT];
  }
  return bits;
}

function weight(flow: Flow): number {
  const { aggregate } = flow;
  if (aggregate === undefined) return 1;
  const {
    ingress_flow_count = 0,
    egress_flow_count = 0,
    unknown_direction_flow_count = 0,
  } = aggregate;
  return ingress_flow_count + egress_flow_count + unknown_direction_flow_count;
}

function number(table: Readonly<Record<number, string>>, value: EnumName | undefined): number {
  return enumNumber(table, value) ?? 0;
}

function address(text: string | undefined): string {
  if (text === undefined) return "::";
  return text.includes(":") ? text : `::ffff:${text}`;
}

function mac(text: string | undefined): string {
  return text === undefined ? "0" : String(BigInt(`0x${text.replaceAll(":", "")}`));
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex");
}

function hash64(parts: readonly string[]): string {
  return String(BigInt(`0x${digest(parts).slice(0, 16)}`) | 1n);
}

function hashUuid(flow: Flow): string {
  return digest([JSON.stringify(flow)])
    .slice(0, 32)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function clickhouseTime(rfc3339: string): string {
  return rfc3339.replace("T", " ").replace("Z", "");
}
