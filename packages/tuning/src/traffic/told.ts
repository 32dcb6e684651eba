import { createHash } from "node:crypto";
import {
  type EdgeTold,
  layer4,
  type ObservedEdge,
  type ObservedEnd,
  peerOf,
} from "@dropscope/model";
import { endKey } from "./keys.js";

/** Equal for equal edges, whenever they are seen; 12 hexadecimal digits. */
export function edgeId({ flow, outcome }: ObservedEdge): string {
  const key = [endKey(flow, "source"), endKey(flow, "destination"), layerText(flow), outcome];
  return createHash("sha256").update(key.join("\n")).digest("hex").slice(0, 12);
}

/** One edge as a person reads it. */
export function toldOf(edge: ObservedEdge): EdgeTold {
  const { flow, outcome, flows, firstNs, lastNs } = edge;
  const { protocol, port } = layerTold(flow);
  return {
    id: edgeId(edge),
    client: peerOf(flow, "source"),
    server: peerOf(flow, "destination"),
    protocol,
    port,
    outcome,
    flows,
    pods: podNamesOf(edge).count,
    firstSeen: Number(firstNs / 1_000_000n),
    lastSeen: Number(lastNs / 1_000_000n),
  };
}

/** Protocol as Hubble names it, and the port of the server; the type for ICMP. */
export function layerTold(flow: ObservedEdge["flow"]): { protocol: string; port: number } {
  const found = layer4(flow);
  if (found === undefined) return { protocol: "", port: 0 };
  const { name, ports } = found;
  const icmp = name === "ICMPv4" || name === "ICMPv6" ? (flow.l4?.[name]?.type ?? 0) : 0;
  return { protocol: name, port: ports?.destination ?? icmp };
}

/** Clients that are pods; where the client is none, the servers. */
export function podNamesOf({ flow, sources, destinations }: ObservedEdge): ObservedEnd {
  return flow.source?.pod_name === undefined ? destinations : sources;
}

const layerText = (flow: ObservedEdge["flow"]): string => Object.values(layerTold(flow)).join(" ");
