import type { Flow } from "@dropscope/model";
import type { Node, Peer, Pod } from "../cluster/types.js";
import type { Direction } from "../policies/rules.js";
import type { Judgement } from "../policies/judge.js";
import type { Traffic } from "./context.js";
import {
  ACK,
  drop,
  FIN_ACK,
  policyVerdict,
  PSH_ACK,
  RST_ACK,
  SYN,
  SYN_ACK,
  trace,
  type Connection,
  type Packet,
  type Point,
} from "./packets.js";
import { MS, SECOND, US } from "./timeline.js";

/** What became of an attempt to connect. */
export interface Outcome {
  connected: boolean;
  /** The proxy of this node carries the connection: its agent sees layer 7. */
  proxy?: { node: Node; direction: Direction; port: number };
  /** When the last flow of the attempt is reported. */
  doneAt: number;
}

/** The port on which a node's Envoy takes connections from Cilium. */
export const HTTP_PROXY_PORT = 12_345;

/** Linux waits this long before it sends a SYN again, in seconds. */
const SYN_WAITS = [1, 2, 4];

const POLICY_DROPS = {
  "default-deny": { code: 133, name: "POLICY_DENIED" },
  "deny-rule": { code: 181, name: "POLICY_DENY" },
} as const;

/**
 * Opens a TCP connection at `at`: verdicts where policies apply, then every
 * packet that brings a new flag, at each point that it passes (what Cilium reports
 * with monitor aggregation "medium").
 */
export function connectTcp(
  traffic: Traffic,
  connection: Connection,
  at: number,
  options: { tries?: number; reset?: boolean; holdMs?: number } = {},
): Outcome {
  const { random, timeline } = traffic;
  const egress = judgeEnd(traffic, "egress", connection.client, connection.server, connection);
  const ingress = judgeEnd(traffic, "ingress", connection.server, connection.client, connection);

  if (isDenial(egress) || isDenial(ingress)) {
    const doneAt = firstPacket(traffic, connection, at, egress, ingress);
    const left = (options.tries ?? SYN_WAITS.length + 1) - 1;
    const wait = SYN_WAITS[SYN_WAITS.length - left];
    if (left > 0 && wait !== undefined) {
      // Judged anew: what was denied may pass once the policy is repaired.
      timeline.at(at + wait * SECOND + random.below(900) * US, (again) => {
        connectTcp(traffic, connection, again, { ...options, tries: left });
      });
    }
    return { connected: false, doneAt };
  }

  let time = firstPacket(traffic, connection, at, egress, ingress);
  const rtt = 180 * US + random.below(900) * US;
  const hold = (options.holdMs ?? random.between(2, 60)) * MS;
  const send = (reply: boolean, flags: Packet["flags"], wait: number): void => {
    time += wait;
    const reason = reply ? "REPLY" : "ESTABLISHED";
    time = carry(
      traffic,
      connection,
      time,
      flags === undefined ? { reply, reason } : { reply, reason, flags },
    );
  };
  send(true, SYN_ACK, rtt);
  if (options.reset === true) {
    send(false, RST_ACK, rtt / 2);
  } else {
    send(false, ACK, rtt / 2);
    send(false, PSH_ACK, 40 * US);
    send(true, PSH_ACK, rtt);
    send(false, FIN_ACK, hold);
    send(true, FIN_ACK, rtt);
  }
  const outcome: Outcome = { connected: true, doneAt: time };
  const proxied = proxyOf(connection, egress, ingress);
  if (proxied !== undefined) outcome.proxy = { ...proxied, port: HTTP_PROXY_PORT };
  return outcome;
}

/** The first packet of a connection: judged at both ends, carried as far as it gets. Returns when it arrived. */
export function firstPacket(
  traffic: Traffic,
  connection: Connection,
  at: number,
  egress: Judgement,
  ingress: Judgement,
): number {
  const { client, server } = connection;
  let time = at;
  if (client.kind === "pod") {
    time = reportJudgement(traffic, connection, client.node, "egress", egress, time);
    if (isDenial(egress)) return time;
    // A proxied query ends at the proxy, which asks on its own.
    if (egress.decision === "redirect" && connection.protocol === "UDP") return time;
  }
  const flags = connection.protocol === "TCP" ? { flags: SYN } : {};
  const packet = { reply: false, reason: "NEW", ...flags } as const;
  time = leave(traffic, connection, time, packet);
  if (server.kind === "pod") {
    time = reportJudgement(traffic, connection, server.node, "ingress", ingress, time + 4 * US);
    if (isDenial(ingress)) return time;
  }
  return arrive(traffic, connection, time, packet);
}

/** One packet along its whole path. Returns when the last point saw it. */
export function carry(
  traffic: Traffic,
  connection: Connection,
  at: number,
  packet: Omit<Packet, "point">,
): number {
  return arrive(traffic, connection, leave(traffic, connection, at, packet), packet);
}

/** Out of the sender's node, when the receiver is elsewhere. */
function leave(
  traffic: Traffic,
  connection: Connection,
  at: number,
  packet: Omit<Packet, "point">,
): number {
  const [sender, receiver] = sides(connection, packet.reply);
  if (sender.kind === "outside" || receiver.kind === "outside") return at;
  if (sender.node === receiver.node) return at;
  const viaNetwork = receiver.kind === "host" || traffic.routing === "native";
  const point: Point = viaNetwork ? "TO_NETWORK" : "TO_OVERLAY";
  traffic.report(sender.node, at + 12 * US, trace(connection, sender.node, { ...packet, point }));
  return at + 12 * US + (90 + traffic.random.below(160)) * US;
}

/** Into the receiver: a pod's device, or the stack of the node. */
function arrive(
  traffic: Traffic,
  connection: Connection,
  at: number,
  packet: Omit<Packet, "point">,
): number {
  const [sender, receiver] = sides(connection, packet.reply);
  const node = receiver.kind === "outside" ? nodeOf(sender) : receiver.node;
  if (node === undefined) return at;
  const toPod = receiver.kind === "pod" || receiver.kind === "health";
  const point: Point = toPod ? "TO_ENDPOINT" : "TO_STACK";
  // A node's own stack is not a point of its own for traffic that came over the wire.
  if (!toPod && receiver.kind === "host" && nodeOf(sender) !== node) return at;
  const time = at + (6 + traffic.random.below(20)) * US;
  traffic.report(node, time, trace(connection, node, { ...packet, point }));
  return time;
}

export function judgeEnd(
  traffic: Traffic,
  direction: Direction,
  subject: Peer,
  peer: Peer,
  connection: Connection,
): Judgement {
  const none: Judgement = { decision: "unpoliced", policies: [], matchType: 0 };
  if (subject.kind !== "pod") return none;
  // The node itself may always reach its pods: kubelet's probes.
  if (direction === "ingress" && peer.kind === "host" && peer.node === subject.node) return none;
  const { protocol, serverPort } = connection;
  return traffic.scene.judge.judge(direction, subject, peer, protocol, serverPort);
}

function reportJudgement(
  traffic: Traffic,
  connection: Connection,
  node: Node,
  direction: Direction,
  judgement: Judgement,
  at: number,
): number {
  if (judgement.decision === "unpoliced") return at;
  const verdict: Flow = policyVerdict(connection, node, direction, judgement, HTTP_PROXY_PORT);
  traffic.report(node, at + 2 * US, verdict);
  if (judgement.decision === "default-deny" || judgement.decision === "deny-rule") {
    const reason = {
      ...POLICY_DROPS[judgement.decision],
      line: direction === "egress" ? 1341 : 2145,
    };
    traffic.report(node, at + 3 * US, drop(connection, node, direction, reason));
    return at + 3 * US;
  }
  if (judgement.decision === "redirect") {
    const flags = connection.protocol === "TCP" ? { flags: SYN } : {};
    const packet = { reply: false, reason: "NEW", point: "TO_PROXY", ...flags } as const;
    traffic.report(node, at + 5 * US, trace(connection, node, packet));
  }
  return at + 5 * US;
}

export function isDenial(judgement: Judgement): boolean {
  return judgement.decision === "default-deny" || judgement.decision === "deny-rule";
}

function proxyOf(connection: Connection, egress: Judgement, ingress: Judgement) {
  if (egress.decision === "redirect") {
    return { node: (connection.client as Pod).node, direction: "egress" } as const;
  }
  if (ingress.decision === "redirect") {
    return { node: (connection.server as Pod).node, direction: "ingress" } as const;
  }
  return undefined;
}

function sides(connection: Connection, reply: boolean): [Peer, Peer] {
  return reply ? [connection.server, connection.client] : [connection.client, connection.server];
}

export function nodeOf(peer: Peer): Node | undefined {
  return peer.kind === "outside" ? undefined : peer.node;
}
