import type { Endpoint } from "../endpoint.js";
import { parseLabels } from "../labels.js";
import type { CidrGroup } from "../objects.js";
import type { CidrGroupRef, Peer, Rule } from "../policy.js";
import { inBlock } from "./cidr.js";
import type { MatchContext } from "./context.js";
import { matchesEntity } from "./entity.js";
import { matchesName } from "./fqdn.js";
import { matchesSelector } from "./selector.js";
import { isBackend, servicesOf } from "./service.js";

/** Whether one of the rule's peers matches the remote end. A rule without peers matches nobody. */
export function matchesPeers(rule: Rule, endpoint: Endpoint, context: MatchContext): boolean {
  if (rule.peers === "any") return true;
  return rule.peers.some((peer) =>
    // What cannot be resolved must not let anybody in: an allow matches nobody, all else everybody.
    peer.of === "unknown" ? rule.action !== "allow" : matchesPeer(peer, endpoint, context),
  );
}

/** Whether the peer is the remote end. An unknown peer is nobody; `matchesPeers` knows the rule's action and fails closed. */
export function matchesPeer(peer: Peer, endpoint: Endpoint, context: MatchContext): boolean {
  switch (peer.of) {
    case "endpoints":
      // Pods of the host network share the node's identity: no selector of pods means them.
      return !isHostNetworkPod(endpoint) && matchesSelector(peer.selector, endpoint.labels);
    case "cidr":
      return blocksMatch([peer.cidr], peer.except, endpoint, context);
    case "cidr-group":
      return blocksMatch(
        groupsOf(peer.group, context).flatMap((group) => group.cidrs),
        peer.except,
        endpoint,
        context,
      );
    case "entity":
      return matchesEntity(peer.entity, endpoint, context.profile.cluster);
    case "fqdn":
      return (
        endpoint.kind === "address" && endpoint.fqdns.some((name) => matchesName(peer.name, name))
      );
    case "nodes":
      return (
        context.profile.nodeLabels &&
        (endpoint.kind === "host" || endpoint.kind === "remote-node") &&
        matchesSelector(peer.selector, endpoint.labels)
      );
    case "service":
      return servicesOf(peer.service, context).some((service) => isBackend(service, endpoint));
    case "unknown":
      return false;
  }
}

/** The CIDR groups that a peer refers to, by name or by their labels. */
export function groupsOf(ref: CidrGroupRef, context: MatchContext): CidrGroup[] {
  return context.cidrGroups.filter((group) => {
    if ("name" in ref) return group.name === ref.name;
    const labels = Object.entries(group.labels).map(([key, value]) => `k8s:${key}=${value}`);
    return matchesSelector(ref.selector, parseLabels(labels));
  });
}

/** Whether CIDRs are compared with this end's addresses at all. */
export function cidrsReach(endpoint: Endpoint, context: MatchContext): boolean {
  return context.profile.cidrMatchesPods || endpoint.kind === "address";
}

function blocksMatch(
  cidrs: readonly string[],
  except: readonly string[],
  endpoint: Endpoint,
  context: MatchContext,
): boolean {
  return (
    cidrsReach(endpoint, context) &&
    endpoint.addresses.some((address) => cidrs.some((cidr) => inBlock(cidr, except, address)))
  );
}

function isHostNetworkPod(endpoint: Endpoint): boolean {
  return endpoint.kind === "pod" && endpoint.hostNetwork;
}
