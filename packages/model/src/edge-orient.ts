import { enumText } from "./enum-names.js";
import { VERDICTS } from "./enums.gen.js";
import { EVENT } from "./filter/event-types.js";
import type { Flow } from "./flow.js";
import { layer4 } from "./flow-parts.js";
import type { EdgeOutcome } from "./observed-edge.js";

/** What one flow says of a connection: who opened it is told by `isReply`. */
export interface OrientedFlow {
  readonly outcome: EdgeOutcome;
  /** It went from server to client. */
  readonly isReply: boolean;
  readonly protocol: EdgeProtocol;
  /** Of the server; the type for ICMP. */
  readonly port: number;
}

export type EdgeProtocol = "TCP" | "UDP" | "SCTP" | "ICMPv4" | "ICMPv6";

/**
 * `unplaced`: it should tell of a connection and does not; `aside`: other flows tell of the same packets,
 * or it belongs to a connection without being one.
 */
export type NoEdge = "unplaced" | "aside";

/**
 * Which connection a flow is of, and which way round. The store folds in its engine by the same rules.
 * @param flow with nothing in it that is not of its type
 */
export function orientFlow(flow: Flow): OrientedFlow | NoEdge {
  const outcome = outcomeOf(flow);
  if (outcome === undefined) return "aside";
  const found = layer4(flow);
  if (found === undefined || !isEdgeProtocol(found.name)) return "unplaced";
  if (!isThere(flow, "source") || !isThere(flow, "destination")) return "unplaced";
  const isReply = isAnswer(flow);
  if (isBeforeTranslation(flow, isReply)) return "aside";
  const protocol = found.name;
  if (protocol === "ICMPv4" || protocol === "ICMPv6") {
    const type = flow.l4?.[protocol]?.type ?? 0;
    // An error is told about a packet of some other connection, and passes with it.
    if (outcome !== "dropped" && ICMP_ERRORS[protocol].includes(type)) return "aside";
    return { outcome, isReply, protocol, port: isReply ? requestOf(protocol, type) : type };
  }
  const { source = 0, destination = 0 } = found.ports ?? {};
  return { outcome, isReply, protocol, port: isReply ? source : destination };
}

/** Ports from here on are drawn for clients (Linux: 32768–60999). */
export const FIRST_CLIENT_PORT = 32_768;

/** Types that tell of trouble with another packet: unreachable, quench, redirect, time, parameter; for IPv6 1–4. */
export const ICMP_ERRORS: Readonly<Record<"ICMPv4" | "ICMPv6", readonly number[]>> = {
  ICMPv4: [3, 4, 5, 11, 12],
  ICMPv6: [1, 2, 3, 4],
};

function outcomeOf(flow: Flow): EdgeOutcome | undefined {
  switch (enumText(VERDICTS, flow.verdict)) {
    case "FORWARDED":
    case "REDIRECTED":
      return "forwarded";
    case "DROPPED":
      return "dropped";
    case "AUDIT":
      return "audited";
    default:
      return undefined;
  }
}

function isEdgeProtocol(name: string): name is EdgeProtocol {
  return ["TCP", "UDP", "SCTP", "ICMPv4", "ICMPv6"].includes(name);
}

function isThere(flow: Flow, side: "source" | "destination"): boolean {
  const end = flow[side] ?? {};
  return (
    (flow.IP?.[side] ?? "") !== "" ||
    (end.labels ?? []).length > 0 ||
    (end.pod_name ?? "") !== "" ||
    (end.namespace ?? "") !== "" ||
    (end.identity ?? 0) > 0
  );
}

/**
 * Traces do not always know (at the edge of a node, behind encryption). A first packet tells it by its
 * flags; else a client's port on the one side and a server's on the other do.
 */
function isAnswer(flow: Flow): boolean {
  if (flow.is_reply !== undefined) return flow.is_reply;
  if (flow.reply === true) return true;
  const { SYN = false, ACK = false } = flow.l4?.TCP?.flags ?? {};
  if (SYN) return ACK;
  if (flow.event_type?.type !== EVENT.trace) return false;
  const { source = 0, destination = 0 } = layer4(flow)?.ports ?? {};
  return destination >= FIRST_CLIENT_PORT && source > 0 && source < FIRST_CLIENT_PORT;
}

/** A trace on the way to a service's address: after the translation it is told again, with the pod. */
function isBeforeTranslation(flow: Flow, isReply: boolean): boolean {
  return (
    !isReply &&
    flow.event_type?.type === EVENT.trace &&
    (flow.destination_service?.name ?? "") !== "" &&
    (flow.destination?.pod_name ?? "") === ""
  );
}

/** The echo request that an echo reply answers. */
function requestOf(protocol: "ICMPv4" | "ICMPv6", type: number): number {
  if (protocol === "ICMPv4") return type === 0 ? 8 : type;
  return type === 129 ? 128 : type;
}
