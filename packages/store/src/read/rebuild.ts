import {
  AUTH_TYPES,
  DEBUG_CAPTURE_POINTS,
  DROP_REASONS,
  FLOW_TYPES,
  formatTimeNs,
  IP_VERSIONS,
  OBSERVATION_POINTS,
  SOCKET_POINTS,
  TRACE_REASONS,
  TRAFFIC_DIRECTIONS,
  VERDICTS,
  type Flow,
  type Ip,
  type PolicyRef,
} from "@dropscope/model";
import { PRESENT } from "../schema/flows.js";
import { enumOf, given, list, long, number, text } from "./given.js";
import { inKeyOrder } from "./key-order.js";
import type { Lookup } from "./lookup.js";
import { endpointOf, labelsOf, layer4Of, layer7Of, serviceOf } from "./rebuild-parts.js";
import type { FlowRecord } from "./record.js";
import { mergeRest } from "./rest.js";

/**
 * A row as the flow that was sent, in the shape and key order of Hubble's JSON: defaults
 * are left out, and what no column could hold comes back from `rest`.
 */
export function rebuildFlow(row: FlowRecord, lookup: Lookup): Flow {
  const present = BigInt(row.present);
  const has = (name: keyof typeof PRESENT): boolean => (present & PRESENT[name]) !== 0n;
  const policies = (keys: readonly string[]): PolicyRef[] | undefined =>
    keys.length === 0 ? undefined : keys.map((key) => ({ ...lookup.policy(key) }));
  const flow: Flow = given({
    time: has("time") ? formatTimeNs(BigInt(row.time_ns)) : undefined,
    uuid: has("uuid") ? row.uuid : undefined,
    emitter: has("emitter")
      ? given({ name: text(row.emitter_name), version: text(row.emitter_version) })
      : undefined,
    verdict: enumOf(VERDICTS, row.verdict),
    drop_reason: has("dropReasonNumber") ? row.drop_reason : undefined,
    auth_type: enumOf(AUTH_TYPES, row.auth_type),
    ethernet: has("ethernet") ? ethernetOf(row, has) : undefined,
    IP: has("ip") ? ipOf(row, has) : undefined,
    l4: has("l4") ? layer4Of(row, has("tcpFlags")) : undefined,
    source: has("source") ? endpointOf(row, "src", has("srcWorkload"), lookup) : undefined,
    destination: has("destination")
      ? endpointOf(row, "dst", has("dstWorkload"), lookup)
      : undefined,
    Type: enumOf(FLOW_TYPES, row.type),
    node_name: text(row.node),
    node_labels: labelsOf(lookup, row.node_labels),
    source_names: list(row.src_names),
    destination_names: list(row.dst_names),
    l7: has("l7") ? layer7Of(row) : undefined,
    reply: has("replyFlag") ? true : undefined,
    event_type: has("eventType")
      ? given({ type: number(row.event_type), sub_type: number(row.event_sub_type) })
      : undefined,
    source_service: has("sourceService") ? serviceOf(row, "src") : undefined,
    destination_service: has("destinationService") ? serviceOf(row, "dst") : undefined,
    traffic_direction: enumOf(TRAFFIC_DIRECTIONS, row.direction),
    policy_match_type: number(row.policy_match_type),
    trace_observation_point: enumOf(OBSERVATION_POINTS, row.observation_point),
    trace_reason: enumOf(TRACE_REASONS, row.trace_reason),
    ip_trace_id: has("ipTraceId")
      ? given({ trace_id: long(row.ip_trace_id), ip_option_type: number(row.ip_trace_option) })
      : undefined,
    drop_reason_desc: has("dropReasonDesc") ? enumOf(DROP_REASONS, row.drop_reason) : undefined,
    is_reply: row.reply === "unknown" ? undefined : row.reply === "yes",
    debug_capture_point: enumOf(DEBUG_CAPTURE_POINTS, row.debug_capture_point),
    interface: has("interface")
      ? given({ index: number(row.interface_index), name: text(row.interface_name) })
      : undefined,
    proxy_port: number(row.proxy_port),
    trace_context: has("traceContext")
      ? given({ parent: has("traceParent") ? given({ trace_id: text(row.trace_id) }) : undefined })
      : undefined,
    sock_xlate_point: enumOf(SOCKET_POINTS, row.sock_xlate_point),
    socket_cookie: long(row.socket_cookie),
    cgroup_id: long(row.cgroup_id),
    Summary: text(row.summary),
    egress_allowed_by: policies(row.egress_allowed_by),
    ingress_allowed_by: policies(row.ingress_allowed_by),
    egress_denied_by: policies(row.egress_denied_by),
    ingress_denied_by: policies(row.ingress_denied_by),
    policy_log: list(row.policy_log),
    aggregate: has("aggregate")
      ? given({
          ingress_flow_count: number(row.agg_ingress),
          egress_flow_count: number(row.agg_egress),
          unknown_direction_flow_count: number(row.agg_unknown),
        })
      : undefined,
  });
  return row.rest === "" ? flow : inKeyOrder(mergeRest(flow, row.rest));
}

type Has = (name: keyof typeof PRESENT) => boolean;

function ethernetOf(row: FlowRecord, has: Has): NonNullable<Flow["ethernet"]> {
  return given({
    source: has("ethernetSource") ? macText(row.src_mac) : undefined,
    destination: has("ethernetDestination") ? macText(row.dst_mac) : undefined,
  });
}

function macText(value: string): string {
  return BigInt(value)
    .toString(16)
    .padStart(12, "0")
    .replace(/..(?=.)/g, "$&:");
}

function ipOf(row: FlowRecord, has: Has): Ip {
  return given({
    source: addressText(row.src_ip, has("srcIp")),
    destination: addressText(row.dst_ip, has("dstIp")),
    ipVersion: enumOf(IP_VERSIONS, row.ip_version),
    encrypted: has("ipEncrypted") ? true : undefined,
    source_xlated: addressText(row.src_ip_xlated, has("srcIpXlated")),
  });
}

/** `::` is "no address", unless the sender said so. */
function addressText(value: string, isSet: boolean): string | undefined {
  if (value === "::") return isSet ? value : undefined;
  return value.startsWith("::ffff:") && value.includes(".") ? value.slice(7) : value;
}
