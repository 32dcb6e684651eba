import type { Flow, Layer4 } from "@dropscope/model";
import type { HealthPeer, HostPeer, Node, Peer } from "../cluster/types.js";
import { seenFrom } from "../cluster/world.js";
import type { Traffic } from "./context.js";
import { summaryOf } from "./summary.js";
import { US } from "./timeline.js";

/** cilium-health pings every node's health endpoint from every node. */
export function probeHealth(traffic: Traffic, from: Node, to: Node, at: number): void {
  let time = at;
  if (from !== to) {
    traffic.report(from, time, echo(from, from.host, to.health, false, "TO_OVERLAY"));
    time += 130 * US;
  }
  traffic.report(to, time, echo(to, from.host, to.health, false, "TO_ENDPOINT"));
  time += 22 * US;
  const back = from === to ? "TO_STACK" : "TO_OVERLAY";
  traffic.report(to, time, echo(to, from.host, to.health, true, back));
}

function echo(
  node: Node,
  prober: HostPeer,
  endpoint: HealthPeer,
  reply: boolean,
  point: "TO_OVERLAY" | "TO_ENDPOINT" | "TO_STACK",
): Flow {
  const [source, destination]: [Peer, Peer] = reply ? [endpoint, prober] : [prober, endpoint];
  const l4: Layer4 = { ICMPv4: reply ? {} : { type: 8 } };
  const sub = point === "TO_OVERLAY" ? 4 : point === "TO_STACK" ? 3 : 0;
  const flow: Flow = {
    verdict: "FORWARDED",
    Type: "L3_L4",
    IP: { source: source.ip, destination: destination.ip, ipVersion: "IPv4" },
    l4,
    source: seenFrom(source, node),
    destination: seenFrom(destination, node),
    event_type: sub === 0 ? { type: 4 } : { type: 4, sub_type: sub },
    trace_observation_point: point,
    ethernet: { source: node.hostMac, destination: node.overlayMac },
    Summary: summaryOf(l4),
  };
  if (point === "TO_OVERLAY") {
    // From the node's own network: no endpoint here, so no direction and no word on replies.
    flow.interface = { index: 6, name: "cilium_vxlan" };
  } else {
    flow.traffic_direction = "INGRESS";
    flow.is_reply = reply;
    flow.trace_reason = reply ? "REPLY" : "NEW";
    if (reply) flow.reply = true;
  }
  return flow;
}
