import type { Endpoint } from "../endpoint.js";
import type { MatchContext } from "../match/context.js";
import { inBlock } from "../match/cidr.js";
import { cidrsReach, groupsOf, matchesPeer } from "../match/peer.js";
import { failingRequirements, holds } from "../match/selector.js";
import { servicesOf } from "../match/service.js";
import type { Peer, Rule } from "../policy.js";
import {
  NAMESPACE_LABEL_PREFIX,
  POD_NAMESPACE,
  POLICY_CLUSTER,
  type Requirement,
  SERVICE_ACCOUNT,
} from "../selector.js";
import { cheapest } from "./cost.js";
import type { Failure, LabelDimension } from "./explanation.js";

const NONE: readonly Failure[] = [];

/** What keeps the rule's peers from matching: the failures of the peer entry that is nearest; empty when one matches. */
export function peersFailures(
  rule: Rule,
  endpoint: Endpoint,
  context: MatchContext,
): readonly Failure[] {
  const { peers } = rule;
  if (peers === "any") return NONE;
  if (peers.length === 0) return [{ dimension: "nobody", place: rule.place }];
  return cheapest(
    peers,
    (peer) =>
      // As the match itself: what cannot be resolved lets nobody in and keeps everybody out.
      peer.of === "unknown" && rule.action !== "allow"
        ? NONE
        : peerFailures(peer, endpoint, context),
    (peer) => failingLabels(peer, endpoint),
  );
}

/** How many requirements a pod fails, for most peers all that decides which is nearest; undefined for other peers. */
function failingLabels(peer: Peer, { kind, hostNetwork, labels }: Endpoint): number | undefined {
  if (peer.of !== "endpoints" || kind !== "pod" || hostNetwork) return undefined;
  let count = 0;
  for (const requirement of peer.selector.requirements) if (!holds(requirement, labels)) count++;
  return count;
}

/** What keeps one peer entry from matching; empty exactly when `matchesPeer` holds. */
export function peerFailures(
  peer: Peer,
  endpoint: Endpoint,
  context: MatchContext,
): readonly Failure[] {
  const { place } = peer;
  switch (peer.of) {
    case "endpoints": {
      if (endpoint.kind === "pod" && endpoint.hostNetwork)
        return [{ dimension: "kind", reason: "host-network", peer, place }];
      const failing = failingRequirements(peer.selector, endpoint.labels);
      if (failing.length === 0) return NONE;
      // One thing is wrong then, not every label of a pod that is none.
      if (endpoint.kind !== "pod" && !peer.selector.requirements.some(isReserved)) {
        const reason = endpoint.hostNetwork ? "host-network" : "not-a-pod";
        return [{ dimension: "kind", reason, peer, place }];
      }
      return failing.map((requirement) => labelFailure(requirement, peer));
    }
    case "nodes": {
      if (!context.profile.nodeLabels || !isNode(endpoint))
        return [{ dimension: "kind", reason: "not-a-node", peer, place }];
      const failing = failingRequirements(peer.selector, endpoint.labels);
      return failing.map((requirement) => labelFailure(requirement, peer));
    }
    default:
      return matchesPeer(peer, endpoint, context) ? NONE : [otherFailure(peer, endpoint, context)];
  }
}

function otherFailure(
  peer: Exclude<Peer, { of: "endpoints" | "nodes" }>,
  endpoint: Endpoint,
  context: MatchContext,
): Failure {
  const { place } = peer;
  switch (peer.of) {
    case "cidr":
    case "cidr-group": {
      if (!cidrsReach(endpoint, context)) {
        const meant = coversAddress(peer, endpoint, context, peer.except);
        return {
          dimension: "kind",
          reason: meant ? "cidr-covers-pod" : "not-by-cidr",
          peer,
          place,
        };
      }
      if (blocksOf(peer, context).length === 0)
        return { dimension: "cidr", reason: "no-such-group", peer, place };
      const covered = coversAddress(peer, endpoint, context);
      return { dimension: "cidr", reason: covered ? "excepted" : "outside", peer, place };
    }
    case "entity":
      return { dimension: "entity", peer, place };
    case "fqdn":
      if (endpoint.kind !== "address")
        return { dimension: "kind", reason: "not-an-address", peer, place };
      return {
        dimension: "fqdn",
        reason: endpoint.fqdns.length === 0 ? "not-observed" : "other-name",
        peer,
        place,
      };
    case "service": {
      const found = servicesOf(peer.service, context).length > 0;
      return {
        dimension: "service",
        reason: found ? "no-backend" : "no-such-service",
        peer,
        place,
      };
    }
    case "unknown":
      return { dimension: "unknown", peer, place };
  }
}

/** CIDRs of a peer, of a group's members too. */
export function blocksOf(
  peer: Extract<Peer, { of: "cidr" | "cidr-group" }>,
  context: MatchContext,
): readonly string[] {
  return peer.of === "cidr"
    ? [peer.cidr]
    : groupsOf(peer.group, context).flatMap(({ cidrs }) => cidrs);
}

/** Whether an address of the end is in one of the CIDRs, exceptions left aside, and whether CIDRs are held against it or not. */
export function coversAddress(
  peer: Extract<Peer, { of: "cidr" | "cidr-group" }>,
  endpoint: Endpoint,
  context: MatchContext,
  except: readonly string[] = [],
): boolean {
  const blocks = blocksOf(peer, context);
  return endpoint.addresses.some((address) =>
    blocks.some((cidr) => inBlock(cidr, except, address)),
  );
}

function labelFailure(requirement: Requirement, peer: Peer): Failure {
  return {
    dimension: labelDimension(requirement.key),
    requirement,
    peer,
    place: requirement.place ?? peer.place,
  };
}

function labelDimension(key: string): LabelDimension {
  if (key === POD_NAMESPACE || key.startsWith(NAMESPACE_LABEL_PREFIX)) return "namespace";
  if (key === POLICY_CLUSTER) return "cluster";
  return key === SERVICE_ACCOUNT ? "service-account" : "label";
}

const isReserved = ({ source }: Requirement): boolean => source === "reserved";

const isNode = ({ kind }: Endpoint): boolean => kind === "host" || kind === "remote-node";
