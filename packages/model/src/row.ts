import { enumText } from "./enum-names.js";
import { DROP_REASONS, FLOW_TYPES, TRAFFIC_DIRECTIONS, VERDICTS } from "./enums.gen.js";
import { eventName } from "./event-name.js";
import { dropReasonNumber, layer4 } from "./flow-parts.js";
import type { Flow, PolicyRef } from "./flow.js";
import type { FlowRow } from "./live.js";
import { peerOf } from "./peer.js";
import { parseTimeNs } from "./times.js";

/**
 * A flow as one table row.
 * @param id the store's id of the flow, where the sender gave it no uuid
 */
export function flowRow(flow: Flow, id?: string): FlowRow {
  const l4 = layer4(flow);
  const time = flow.time === undefined ? undefined : parseTimeNs(flow.time);
  const reason = dropReasonNumber(flow);
  return {
    uuid: flow.uuid ?? id ?? "",
    timeNs: time === undefined ? "" : String(time),
    node: flow.node_name ?? "",
    verdict: enumText(VERDICTS, flow.verdict),
    reason:
      reason === 0
        ? ""
        : reason === undefined
          ? String(flow.drop_reason_desc)
          : enumText(DROP_REASONS, reason),
    type: enumText(FLOW_TYPES, flow.Type),
    event: eventName(flow),
    direction: enumText(TRAFFIC_DIRECTIONS, flow.traffic_direction),
    reply: flow.is_reply === undefined ? "unknown" : flow.is_reply ? "yes" : "no",
    protocol: l4?.name ?? "",
    source: peerOf(flow, "source"),
    sourceIp: flow.IP?.source ?? "",
    sourcePort: l4?.ports?.source ?? 0,
    sourcePod: flow.source?.pod_name ?? "",
    sourceIdentity: flow.source?.identity ?? 0,
    destination: peerOf(flow, "destination"),
    destinationIp: flow.IP?.destination ?? "",
    destinationPort: l4?.ports?.destination ?? 0,
    destinationPod: flow.destination?.pod_name ?? "",
    destinationIdentity: flow.destination?.identity ?? 0,
    summary: flow.Summary ?? "",
    policies: policyNames(flow),
  };
}

function policyNames(flow: Flow): string[] {
  const refs: PolicyRef[] = [
    ...(flow.egress_denied_by ?? []),
    ...(flow.ingress_denied_by ?? []),
    ...(flow.egress_allowed_by ?? []),
    ...(flow.ingress_allowed_by ?? []),
  ];
  const names = refs.map((ref) =>
    ref.namespace ? `${ref.namespace}/${ref.name ?? ""}` : (ref.name ?? ""),
  );
  return [...new Set(names.filter((name) => name !== ""))];
}
