import type { EnumName, TcpFlags } from "../flow.js";

/**
 * Hubble's `flow.FlowFilter`, in proto names. Values inside one field are
 * alternatives, fields are joined by AND, filters of a list by OR.
 * Semantics: `proto/flow/flow.proto` and the behaviour of Hubble 1.19.
 */
export interface FlowFilter {
  /** Address or CIDR. */
  source_ip?: string[];
  destination_ip?: string[];
  source_ip_xlated?: string[];
  /** `namespace/prefix`; an empty part means any. */
  source_pod?: string[];
  destination_pod?: string[];
  source_service?: string[];
  destination_service?: string[];
  /** `*` stands for any run of name characters, dots included. */
  source_fqdn?: string[];
  destination_fqdn?: string[];
  /** Label selector: `k=v`, `k`, `!k`, `k!=v`, `k in (a,b)`, `k notin (a)`, `k>1`, `reserved:world`. */
  source_label?: string[];
  destination_label?: string[];
  source_workload?: { name?: string; kind?: string }[];
  destination_workload?: { name?: string; kind?: string }[];
  source_identity?: number[];
  destination_identity?: number[];
  source_port?: string[];
  destination_port?: string[];
  source_cluster_name?: string[];
  destination_cluster_name?: string[];
  verdict?: EnumName[];
  drop_reason_desc?: EnumName[];
  event_type?: { type?: number; match_sub_type?: boolean; sub_type?: number }[];
  protocol?: string[];
  /** true, false; a drop without `is_reply` counts as false. */
  reply?: boolean[];
  traffic_direction?: EnumName[];
  ip_version?: EnumName[];
  tcp_flags?: TcpFlags[];
  /** Exact code or prefix with `+` (`5+`). */
  http_status_code?: string[];
  http_method?: string[];
  /** RE2. */
  http_path?: string[];
  http_url?: string[];
  http_header?: { key?: string; value?: string }[];
  /** RE2 over the query. */
  dns_query?: string[];
  /** Glob, `cluster/node`. */
  node_name?: string[];
  node_labels?: string[];
  trace_id?: string[];
  uuid?: string[];
  interface?: { index?: number; name?: string }[];
  ip_trace_id?: string[];
  encrypted?: boolean[];
  experimental?: { cel_expression?: string[] };
  /**
   * Not Hubble's. `[namespace/]name` of a policy that the data path named on the flow or that its
   * explanation holds responsible; `*` for any part, any namespace where none is given.
   */
  policy?: string[];
  /** Not Hubble's. Id of the problem that the flow is folded into. */
  problem?: string[];
}

/** What a person asks for: any of `allow` (empty: everything), none of `deny`. */
export interface FlowSelection {
  allow: FlowFilter[];
  deny: FlowFilter[];
}

export const EVERYTHING: FlowSelection = { allow: [], deny: [] };
