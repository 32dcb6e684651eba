import {
  DROP_REASONS,
  enumText,
  type Endpoint,
  type Flow,
  type PolicyRef,
  type Service,
} from "@dropscope/model";

export type Cell = string | number | bigint | boolean | null | string[];
export type ExportRow = Record<string, Cell>;

/** A flow as a row of an export: the plain reading of docs/export.md, beside the SQL that makes them. */
export function exportRow(flow: Flow): ExportRow {
  const { l4 = {}, l7, IP } = flow;
  const ports = l4.TCP ?? l4.UDP ?? l4.SCTP;
  const icmp = l4.ICMPv4 ?? l4.ICMPv6;
  const [protocol = ""] = Object.keys(l4);
  return {
    uuid: flow.uuid ?? "",
    node: flow.node_name ?? "",
    verdict: String(flow.verdict ?? ""),
    drop_reason: dropReason(flow),
    type: String(flow.Type ?? ""),
    direction: String(flow.traffic_direction ?? ""),
    is_reply: flow.is_reply ?? null,
    protocol,
    ...end("src", IP?.source, ports?.source_port, ports !== undefined, flow.source),
    ...service("src", flow.source_service),
    src_names: [...(flow.source_names ?? [])],
    src_ip_xlated: IP?.source_xlated ?? "",
    ...end("dst", IP?.destination, ports?.destination_port, ports !== undefined, flow.destination),
    ...service("dst", flow.destination_service),
    dst_names: [...(flow.destination_names ?? [])],
    event_type: flow.event_type?.type || null,
    event_sub_type: flow.event_type?.sub_type || null,
    egress_allowed_by: policies(flow.egress_allowed_by),
    ingress_allowed_by: policies(flow.ingress_allowed_by),
    egress_denied_by: policies(flow.egress_denied_by),
    ingress_denied_by: policies(flow.ingress_denied_by),
    tcp_flags: ["FIN", "SYN", "RST", "PSH", "ACK"].filter(
      (name) => (l4.TCP?.flags as Record<string, boolean> | undefined)?.[name] === true,
    ),
    icmp_type: icmp === undefined ? null : (icmp.type ?? 0),
    icmp_code: icmp === undefined ? null : (icmp.code ?? 0),
    l7_protocol: l7 === undefined ? "" : l7.dns ? "dns" : l7.http ? "http" : "other",
    l7_type: String(l7?.type ?? ""),
    dns_query: l7?.dns?.query ?? "",
    dns_rcode: l7?.dns === undefined ? null : (l7.dns.rcode ?? 0),
    dns_ips: [...(l7?.dns?.ips ?? [])],
    http_method: l7?.http?.method ?? "",
    http_url: l7?.http?.url ?? "",
    http_code: l7?.http?.code || null,
    http_headers: (l7?.http?.headers ?? []).map(({ key = "", value = "" }) => `${key}: ${value}`),
    trace_id: flow.trace_context?.parent?.trace_id ?? "",
    policy_log: [...(flow.policy_log ?? [])],
    summary: flow.Summary ?? "",
  };
}

function end(
  side: "src" | "dst",
  ip: string | undefined,
  port: number | undefined,
  hasPorts: boolean,
  endpoint: Endpoint | undefined,
): ExportRow {
  return {
    [`${side}_ip`]: ip ?? "",
    [`${side}_port`]: hasPorts ? (port ?? 0) : null,
    [`${side}_namespace`]: endpoint?.namespace ?? "",
    [`${side}_pod`]: endpoint?.pod_name ?? "",
    [`${side}_workload`]: endpoint?.workloads?.[0]?.name ?? "",
    [`${side}_identity`]: endpoint?.identity || null,
    [`${side}_labels`]: [...(endpoint?.labels ?? [])],
    [`${side}_cluster`]: endpoint?.cluster_name ?? "",
  };
}

function service(side: "src" | "dst", { name = "", namespace = "" }: Service = {}): ExportRow {
  return { [`${side}_service`]: name, [`${side}_service_namespace`]: namespace };
}

function policies(refs: readonly PolicyRef[] = []): string[] {
  return refs.map(({ kind = "", namespace = "", name = "" }) =>
    [kind, namespace, name].filter((word) => word !== "").join("/"),
  );
}

/** Old senders give only the number. */
function dropReason({ drop_reason_desc: name, drop_reason: number }: Flow): string {
  const reason = name ?? number;
  return reason === undefined || reason === 0 ? "" : enumText(DROP_REASONS, reason);
}
