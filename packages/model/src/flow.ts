/**
 * A flow in the shape that every Hubble tool prints and reads: proto field
 * names, enum names (a number where the name is not known yet), 64-bit integers
 * as decimal strings, times in RFC 3339 with up to nanoseconds. An absent
 * property means that the sender did not set it.
 *
 * Source of the shape: `proto/flow/flow.proto` and the proto3 JSON mapping.
 */
export interface Flow {
  time?: string;
  uuid?: string;
  verdict?: EnumName;
  drop_reason?: number;
  ethernet?: { source?: string; destination?: string };
  IP?: Ip;
  l4?: Layer4;
  source?: Endpoint;
  destination?: Endpoint;
  Type?: EnumName;
  node_name?: string;
  node_labels?: string[];
  source_names?: string[];
  destination_names?: string[];
  l7?: Layer7;
  reply?: boolean;
  event_type?: { type?: number; sub_type?: number };
  source_service?: Service;
  destination_service?: Service;
  traffic_direction?: EnumName;
  policy_match_type?: number;
  trace_observation_point?: EnumName;
  trace_reason?: EnumName;
  drop_reason_desc?: EnumName;
  is_reply?: boolean;
  debug_capture_point?: EnumName;
  interface?: { index?: number; name?: string };
  proxy_port?: number;
  trace_context?: { parent?: { trace_id?: string } };
  sock_xlate_point?: EnumName;
  socket_cookie?: string;
  cgroup_id?: string;
  auth_type?: EnumName;
  file?: { name?: string; line?: number };
  tunnel?: { protocol?: EnumName; IP?: Ip; l4?: Layer4; vni?: number };
  ip_trace_id?: { trace_id?: string; ip_option_type?: number };
  emitter?: { name?: string; version?: string };
  egress_allowed_by?: PolicyRef[];
  ingress_allowed_by?: PolicyRef[];
  egress_denied_by?: PolicyRef[];
  ingress_denied_by?: PolicyRef[];
  policy_log?: string[];
  aggregate?: {
    ingress_flow_count?: number;
    egress_flow_count?: number;
    unknown_direction_flow_count?: number;
  };
  Summary?: string;
  extensions?: unknown;
}

/** A proto enum: its name, or its number when this build does not know the name. */
export type EnumName = string | number;

export interface Ip {
  source?: string;
  destination?: string;
  ipVersion?: EnumName;
  encrypted?: boolean;
  source_xlated?: string;
}

export interface TcpFlags {
  FIN?: boolean;
  SYN?: boolean;
  RST?: boolean;
  PSH?: boolean;
  ACK?: boolean;
  URG?: boolean;
  ECE?: boolean;
  CWR?: boolean;
  NS?: boolean;
}

export interface Layer4 {
  TCP?: { source_port?: number; destination_port?: number; flags?: TcpFlags };
  UDP?: { source_port?: number; destination_port?: number };
  ICMPv4?: { type?: number; code?: number };
  ICMPv6?: { type?: number; code?: number };
  SCTP?: { source_port?: number; destination_port?: number };
  VRRP?: { type?: number; vrid?: number; priority?: number };
  IGMP?: { type?: number; group_address?: string };
}

export interface Endpoint {
  ID?: number;
  /** Security identity. 2^24 and above are local to one node: never join them across nodes. */
  identity?: number;
  cluster_name?: string;
  namespace?: string;
  labels?: string[];
  pod_name?: string;
  workloads?: { name?: string; kind?: string }[];
}

export interface Layer7 {
  type?: EnumName;
  latency_ns?: string;
  dns?: {
    query?: string;
    ips?: string[];
    ttl?: number;
    cnames?: string[];
    observation_source?: string;
    rcode?: number;
    qtypes?: string[];
    rrtypes?: string[];
  };
  http?: {
    code?: number;
    method?: string;
    url?: string;
    protocol?: string;
    headers?: { key?: string; value?: string }[];
  };
  kafka?: {
    error_code?: number;
    api_version?: number;
    api_key?: string;
    correlation_id?: number;
    topic?: string;
  };
}

export interface Service {
  name?: string;
  namespace?: string;
}

/** A policy that the data path itself named. It never names one for a default deny. */
export interface PolicyRef {
  name?: string;
  namespace?: string;
  labels?: string[];
  revision?: string;
  kind?: string;
}

export interface LostEvents {
  source?: EnumName;
  num_events_lost?: string;
  cpu?: number;
  first?: string;
  last?: string;
}

/** One line of `hubble observe -o jsonpb`: a flow or a loss, with the node that saw it. */
export interface ObservedItem {
  flow?: Flow;
  lost_events?: LostEvents;
  node_name?: string;
  time?: string;
}
