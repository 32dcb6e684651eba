import { dropTitle } from "./drop-titles.js";
import { enumNumber, enumText } from "./enum-names.js";
import { DEBUG_CAPTURE_POINTS, L7_TYPES, SOCKET_POINTS, TRAFFIC_DIRECTIONS } from "./enums.gen.js";
import { EVENT, TRACE_POINTS } from "./filter/event-types.js";
import type { Flow } from "./flow.js";

const SOCKET_NAMES: Readonly<Record<number, string>> = {
  1: "pre-xlate-fwd",
  2: "post-xlate-fwd",
  3: "pre-xlate-rev",
  4: "post-xlate-rev",
};

const POLICY_MATCHES = ["none", "L3-Only", "L3-L4", "L4-Only", "all", "L3-Proto", "Proto-Only"];

/** What `hubble observe` prints in its TYPE column (`to-endpoint`, `http-request`, `Policy denied` …). */
export function eventName(flow: Flow): string {
  if (flow.l7 !== undefined) {
    const type = enumText(L7_TYPES, flow.l7.type).toLowerCase();
    // The space stands there even when the source is empty.
    if (flow.l7.dns !== undefined) return `dns-${type} ${flow.l7.dns.observation_source ?? ""}`;
    if (flow.l7.http !== undefined) return `http-${type}`;
    return flow.l7.kafka === undefined ? `l7-${type}` : `kafka-${type}`;
  }
  const subType = (flow.event_type?.sub_type ?? 0) & 0xff;
  switch (flow.event_type?.type) {
    case EVENT.trace:
      return TRACE_POINTS[subType] ?? String(subType);
    case EVENT.drop:
      return dropTitle(subType);
    case EVENT.policyVerdict: {
      const match = POLICY_MATCHES[flow.policy_match_type ?? 0] ?? "unknown";
      return `policy-verdict:${match} ${enumText(TRAFFIC_DIRECTIONS, flow.traffic_direction)}`;
    }
    case EVENT.capture:
      return enumText(DEBUG_CAPTURE_POINTS, flow.debug_capture_point);
    case EVENT.socket: {
      const point = enumNumber(SOCKET_POINTS, flow.sock_xlate_point);
      return (
        (point === undefined ? undefined : SOCKET_NAMES[point]) ??
        enumText(SOCKET_POINTS, flow.sock_xlate_point)
      );
    }
    default:
      return "UNKNOWN";
  }
}
