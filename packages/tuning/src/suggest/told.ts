import type { EdgeTold, ObservedEdge, Peer } from "@dropscope/model";
import { toldOf } from "../traffic/told.js";

/** One edge as a person reads it; of the world outside, which address it was. */
export function toldExactly(edge: ObservedEdge): EdgeTold {
  const told = toldOf(edge);
  const { source = "", destination = "" } = edge.flow.IP ?? {};
  return {
    ...told,
    client: exactly(told.client, source),
    server: exactly(told.server, destination),
  };
}

function exactly(peer: Peer, address: string): Peer {
  const isWorld = peer.kind === "entity" && peer.name.startsWith("world") && address !== "";
  return isWorld ? { kind: "ip", namespace: "", name: address } : peer;
}
