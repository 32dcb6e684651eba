import type { Flow, Layer4, TcpFlags } from "@dropscope/model";
import type { Node, Peer } from "../cluster/types.js";
import { seenFrom } from "../cluster/world.js";
import type { Direction } from "../policies/rules.js";
import type { Judgement } from "../policies/judge.js";
import { summaryOf } from "./summary.js";

/** A connection as the client opened it. */
export interface Connection {
  client: Peer;
  server: Peer;
  protocol: "TCP" | "UDP";
  clientPort: number;
  serverPort: number;
  /** The name by which the client found the server, where the agent knows it. */
  serverName?: string;
}

export type Point = "TO_ENDPOINT" | "TO_OVERLAY" | "TO_NETWORK" | "TO_STACK" | "TO_PROXY";

// event_type.sub_type of a trace is the number of its observation point; TO_ENDPOINT is 0 on the wire.
const SUB_TYPE: Record<Point, number> = {
  TO_ENDPOINT: 0,
  TO_PROXY: 1,
  TO_STACK: 3,
  TO_OVERLAY: 4,
  TO_NETWORK: 11,
};

export interface Packet {
  reply: boolean;
  point: Point;
  reason: "NEW" | "ESTABLISHED" | "REPLY";
  flags?: TcpFlags;
}

/** A packet that passed an observation point of `node` (event type 4). */
export function trace(connection: Connection, node: Node, packet: Packet): Flow {
  const flow = base(connection, node, packet.reply, packet.flags);
  const sub = SUB_TYPE[packet.point];
  flow.verdict = "FORWARDED";
  flow.event_type = sub === 0 ? { type: 4 } : { type: 4, sub_type: sub };
  flow.trace_observation_point = packet.point;
  flow.trace_reason = packet.reason;
  flow.is_reply = packet.reply;
  if (packet.reply) flow.reply = true;
  const direction = directionOf(connection, node, packet.reply);
  if (direction !== undefined) flow.traffic_direction = direction;
  const device = deviceOf(connection, node, packet);
  if (device !== undefined) flow.interface = device;
  return flow;
}

/** What the policy said to a new connection (event type 5). */
export function policyVerdict(
  connection: Connection,
  node: Node,
  direction: Direction,
  judgement: Judgement,
  proxyPort: number,
): Flow {
  const flow = base(connection, node, false, connection.protocol === "TCP" ? SYN : undefined);
  flow.event_type = { type: 5 };
  flow.traffic_direction = direction === "ingress" ? "INGRESS" : "EGRESS";
  if (judgement.matchType > 0) flow.policy_match_type = judgement.matchType;
  switch (judgement.decision) {
    case "unpoliced":
    case "allow":
    case "redirect":
      flow.verdict = judgement.decision === "redirect" ? "REDIRECTED" : "FORWARDED";
      flow.is_reply = false;
      if (judgement.decision === "redirect") flow.proxy_port = proxyPort;
      flow[`${direction}_allowed_by`] = judgement.policies;
      break;
    case "default-deny":
      markDropped(flow, 133, "POLICY_DENIED");
      break;
    case "deny-rule":
      markDropped(flow, 181, "POLICY_DENY");
      flow[`${direction}_denied_by`] = judgement.policies;
      break;
  }
  return flow;
}

/** A dropped packet (event type 1). `is_reply` stays absent: the data path does not know. */
export function drop(
  connection: Connection,
  node: Node,
  direction: Direction,
  reason: { code: number; name: string; line: number },
): Flow {
  const flow = base(connection, node, false, connection.protocol === "TCP" ? SYN : undefined);
  flow.event_type = { type: 1, sub_type: reason.code };
  flow.traffic_direction = direction === "ingress" ? "INGRESS" : "EGRESS";
  flow.file = { name: "bpf_lxc.c", line: reason.line };
  markDropped(flow, reason.code, reason.name);
  return flow;
}

export const SYN: TcpFlags = { SYN: true };
export const SYN_ACK: TcpFlags = { SYN: true, ACK: true };
export const ACK: TcpFlags = { ACK: true };
export const PSH_ACK: TcpFlags = { PSH: true, ACK: true };
export const FIN_ACK: TcpFlags = { FIN: true, ACK: true };
export const RST_ACK: TcpFlags = { RST: true, ACK: true };

export function layer4(connection: Connection, reply: boolean, flags?: TcpFlags): Layer4 {
  const ports = reply
    ? { source_port: connection.serverPort, destination_port: connection.clientPort }
    : { source_port: connection.clientPort, destination_port: connection.serverPort };
  if (connection.protocol === "UDP") return { UDP: ports };
  return { TCP: flags === undefined ? ports : { ...ports, flags } };
}

/** Ends, addresses and names of one packet as `node` sees them; for a reply the server is the source. */
export function ends(connection: Connection, node: Node, reply: boolean): Flow {
  const { client, server, serverName } = connection;
  const [source, destination] = reply ? [server, client] : [client, server];
  const flow: Flow = {
    IP: { source: source.ip, destination: destination.ip, ipVersion: "IPv4" },
    source: seenFrom(source, node),
    destination: seenFrom(destination, node),
  };
  if (serverName !== undefined) {
    flow[reply ? "source_names" : "destination_names"] = [serverName];
  }
  return flow;
}

/** Whose policy counts: a packet that leaves a local pod is egress, a reply to it too. */
export function directionOf(
  connection: Connection,
  node: Node,
  reply: boolean,
): "INGRESS" | "EGRESS" | undefined {
  const [source, destination] = reply
    ? [connection.server, connection.client]
    : [connection.client, connection.server];
  if (isLocalEndpoint(source, node)) return reply ? "INGRESS" : "EGRESS";
  if (isLocalEndpoint(destination, node)) return reply ? "EGRESS" : "INGRESS";
  return undefined;
}

function isLocalEndpoint(peer: Peer, node: Node): boolean {
  return (peer.kind === "pod" || peer.kind === "health") && peer.node === node;
}

function base(connection: Connection, node: Node, reply: boolean, flags?: TcpFlags): Flow {
  const flow = ends(connection, node, reply);
  const { client, server } = connection;
  const [source, destination] = reply ? [server, client] : [client, server];
  flow.ethernet = { source: macOf(source, node), destination: macOf(destination, node) };
  flow.l4 = layer4(connection, reply, flags);
  flow.Type = "L3_L4";
  flow.Summary = summaryOf(flow.l4);
  return flow;
}

function macOf(peer: Peer, node: Node): string {
  if (peer.kind === "pod" && peer.node === node) return peer.mac;
  return peer.kind === "outside" ? node.hostMac : node.overlayMac;
}

function deviceOf(connection: Connection, node: Node, packet: Packet): Flow["interface"] {
  switch (packet.point) {
    case "TO_OVERLAY":
      return { index: 6, name: "cilium_vxlan" };
    case "TO_NETWORK":
      return { index: 2, name: "eth0" };
    case "TO_ENDPOINT": {
      const receiver = packet.reply ? connection.client : connection.server;
      if (receiver.kind === "health") return { index: 8, name: "lxc_health" };
      if (receiver.kind !== "pod" || receiver.node !== node) return undefined;
      return { index: receiver.lxc.index, name: receiver.lxc.name };
    }
    case "TO_STACK":
    case "TO_PROXY":
      return undefined;
  }
}

function markDropped(flow: Flow, code: number, name: string): void {
  flow.verdict = "DROPPED";
  flow.drop_reason = code;
  flow.drop_reason_desc = name;
}
