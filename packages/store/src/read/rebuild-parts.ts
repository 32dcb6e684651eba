import {
  L7_TYPES,
  type Endpoint,
  type Layer4,
  type Layer7,
  type Service,
  type TcpFlags,
} from "@dropscope/model";
import { TCP_FLAGS } from "../schema/flows.js";
import type { Side } from "./columns.js";
import { enumOf, given, list, long, number, text } from "./given.js";
import type { Lookup } from "./lookup.js";
import type { FlowRecord } from "./record.js";

export function endpointOf(
  row: FlowRecord,
  side: Side,
  hasWorkload: boolean,
  lookup: Lookup,
): Endpoint {
  return given({
    ID: number(row[`${side}_endpoint`]),
    identity: number(row[`${side}_identity`]),
    cluster_name: text(row[`${side}_cluster`]),
    namespace: text(row[`${side}_namespace`]),
    labels: labelsOf(lookup, row[`${side}_labels`]),
    pod_name: text(row[`${side}_pod`]),
    workloads: hasWorkload
      ? [given({ name: text(row[`${side}_workload`]), kind: text(row[`${side}_workload_kind`]) })]
      : undefined,
  });
}

/** Flows share the list of a label set, so that whoever reads labels knows it again; it is frozen. */
export function labelsOf(lookup: Lookup, key: string): string[] | undefined {
  const labels = lookup.labels(key);
  return labels === undefined || labels.length === 0 ? undefined : (labels as string[]);
}

export function serviceOf(row: FlowRecord, side: Side): Service {
  return given({
    name: text(row[`${side}_service`]),
    namespace: text(row[`${side}_service_namespace`]),
  });
}

/** VRRP and IGMP have their content in `rest`. */
export function layer4Of(row: FlowRecord, hasFlags: boolean): Layer4 {
  const ports = { source_port: number(row.src_port), destination_port: number(row.dst_port) };
  switch (row.protocol) {
    case "none":
      return {};
    case "TCP":
      return { TCP: given({ ...ports, flags: hasFlags ? flagsOf(row.tcp_flags) : undefined }) };
    case "UDP":
    case "SCTP":
      return { [row.protocol]: given(ports) };
    case "ICMPv4":
    case "ICMPv6":
      return {
        [row.protocol]: given({ type: number(row.icmp_type), code: number(row.icmp_code) }),
      };
    case "VRRP":
    case "IGMP":
      return { [row.protocol]: {} };
  }
}

function flagsOf(bits: number): TcpFlags {
  const flags: TcpFlags = {};
  for (const name of Object.keys(TCP_FLAGS) as (keyof typeof TCP_FLAGS)[]) {
    if ((bits & TCP_FLAGS[name]) !== 0) flags[name] = true;
  }
  return flags;
}

export function layer7Of(row: FlowRecord): Layer7 {
  return given({
    type: enumOf(L7_TYPES, row.l7_type),
    latency_ns: long(row.l7_latency_ns),
    dns: row.l7_protocol === "dns" ? dnsOf(row) : undefined,
    http: row.l7_protocol === "http" ? httpOf(row) : undefined,
  });
}

function dnsOf(row: FlowRecord): NonNullable<Layer7["dns"]> {
  return given({
    query: text(row.dns_query),
    ips: list(row.dns_ips),
    ttl: number(row.dns_ttl),
    cnames: list(row.dns_cnames),
    observation_source: text(row.dns_source),
    rcode: number(row.dns_rcode),
    qtypes: list(row.dns_qtypes),
    rrtypes: list(row.dns_rrtypes),
  });
}

function httpOf(row: FlowRecord): NonNullable<Layer7["http"]> {
  const headers = row.http_header_names.map((key, at) =>
    given({ key: text(key), value: text(row.http_header_values[at] ?? "") }),
  );
  return given({
    code: number(row.http_code),
    method: text(row.http_method),
    url: text(row.http_url),
    protocol: text(row.http_protocol),
    headers: headers.length === 0 ? undefined : headers,
  });
}
