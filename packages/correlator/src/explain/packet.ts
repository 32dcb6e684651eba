import {
  DROP_REASONS,
  dropReasonNumber,
  enumName,
  enumText,
  EVENT,
  type Flow,
  layer4,
  parseTimeNs,
  TRAFFIC_DIRECTIONS,
  VERDICTS,
} from "@dropscope/model";
import type { Direction, Protocol } from "@dropscope/policy";

/** Drop reasons that are a policy's doing, by their numbers in Cilium. */
export const REASON = { policyDenied: 133, policyDeny: 181, authRequired: 189 } as const;

/** Whether a flow is one that gets an explanation: dropped, or passed in audit mode only. */
export function isExplained(flow: Flow): boolean {
  const verdict = enumText(VERDICTS, flow.verdict);
  return verdict === "DROPPED" || verdict === "AUDIT";
}

export function isAudited(flow: Flow): boolean {
  return enumText(VERDICTS, flow.verdict) === "AUDIT";
}

/** A request that the proxy refused: an access log record, not a packet. */
export function isL7(flow: Flow): boolean {
  const { l7 } = flow;
  if (l7 === undefined || l7 === null) return false;
  const type = flow.event_type?.type;
  return type === undefined || type === 0 || type === EVENT.l7;
}

/** Absent says nothing on drops: the data path does not know. */
export function isReply(flow: Flow): boolean {
  return flow.is_reply === true || (flow.is_reply === undefined && flow.reply === true);
}

/** Number and name of the drop reason; 0 and empty where the flow gives none. */
export function reasonOf(flow: Flow): { number: number; name: string } {
  const number = dropReasonNumber(flow);
  if (number === undefined) return { number: -1, name: String(flow.drop_reason_desc) };
  return { number, name: number === 0 ? "" : String(enumName(DROP_REASONS, number)) };
}

export function statedDirection(flow: Flow): Direction | undefined {
  const text = enumText(TRAFFIC_DIRECTIONS, flow.traffic_direction);
  if (text === "INGRESS") return "ingress";
  return text === "EGRESS" ? "egress" : undefined;
}

/** Protocol and port at the destination (the type for ICMP), as policies name them. */
export interface Layer {
  readonly protocol: Protocol;
  readonly port: number;
}

/** Undefined when the flow does not tell them, or they are none that policies know. */
export function layerOf(flow: Flow): Layer | undefined {
  const found = layer4(flow);
  if (found === undefined) return undefined;
  const { name, ports } = found;
  switch (name) {
    case "TCP":
    case "UDP":
    case "SCTP": {
      const port = ports?.destination ?? 0;
      return isWhole(port, 65_535) && port > 0 ? { protocol: name, port } : undefined;
    }
    case "ICMPv4":
    case "ICMPv6": {
      const type = flow.l4?.[name]?.type ?? 0;
      const protocol = name === "ICMPv4" ? "ICMP" : "ICMPv6";
      return isWhole(type, 255) ? { protocol, port: type } : undefined;
    }
    default:
      return undefined;
  }
}

const isWhole = (value: unknown, most: number): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most;

/** ms since 1970 with fractions; undefined for a flow without a time that can be read. */
export function momentOf(flow: Flow): number | undefined {
  const ns = typeof flow.time === "string" ? parseTimeNs(flow.time) : undefined;
  return ns === undefined || ns <= 0n ? undefined : Number(ns) / 1e6;
}

/** `TCP 5432`, `ICMP type 8`, or what little the flow tells. */
export function layerText(flow: Flow): string {
  const layer = layerOf(flow);
  if (layer !== undefined) {
    const type = layer.protocol.startsWith("ICMP") ? "type " : "";
    return `${layer.protocol} ${type}${layer.port}`;
  }
  const found = layer4(flow);
  return found === undefined ? "" : found.name;
}
