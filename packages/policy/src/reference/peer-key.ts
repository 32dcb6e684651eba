import type { Peer, ServiceRef, CidrGroupRef } from "../policy.js";
import type { Selector } from "../selector.js";

/** A text that is equal for peers that are written alike, wherever they stand. */
export function peerKey(peer: Peer | "any"): string {
  if (peer === "any") return "any";
  switch (peer.of) {
    case "endpoints":
    case "nodes":
      return JSON.stringify([peer.of, selectorKey(peer.selector)]);
    case "cidr":
      return JSON.stringify(["cidr", peer.cidr, peer.except]);
    case "cidr-group":
      return JSON.stringify(["cidr-group", refKey(peer.group), peer.except]);
    case "entity":
      return JSON.stringify(["entity", peer.entity]);
    case "fqdn":
      return JSON.stringify(["fqdn", peer.name]);
    case "service":
      return JSON.stringify(["service", refKey(peer.service), peer.service]);
    case "unknown":
      return JSON.stringify(["unknown", peer.what]);
  }
}

/** The order of requirements does not count. */
export function selectorKey(selector: Selector): string {
  return selector.requirements
    .map(({ source, key, operator, values }) => JSON.stringify([source, key, operator, values]))
    .toSorted()
    .join();
}

function refKey(ref: ServiceRef | CidrGroupRef): string {
  return "name" in ref ? ref.name : selectorKey(ref.selector);
}
