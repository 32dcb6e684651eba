import { type ObservedEdge, type Peer, peerOf } from "@dropscope/model";
import type { Connection } from "@dropscope/policy";

/** `shop/web to shop/db on TCP 5432`. */
export function edgeWords({ flow }: ObservedEdge, { protocol, port }: Connection): string {
  const [client, server] = [peerOf(flow, "source"), peerOf(flow, "destination")];
  return `${peerWords(client)} to ${peerWords(server)} on ${protocol} ${port}`;
}

function peerWords({ namespace, name }: Peer): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}
