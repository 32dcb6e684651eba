import { groupsOf } from "../match/peer.js";
import { servicesOf } from "../match/service.js";
import { matchContext } from "../match/context.js";
import type { ReferenceVersion } from "../engine/index.js";
import type { CidrGroup, Service } from "../objects.js";
import type { Peer } from "../policy.js";
import type { Profile } from "../profile.js";
import { isPolicy, type ObjectVersion } from "./objects.js";

/** The peers of a policy object's versions that refer to services or CIDR groups. */
export function referringPeers(versions: readonly ObjectVersion[]): Peer[] {
  return versions.flatMap(({ object }) =>
    isPolicy(object)
      ? object.value
          .flatMap(({ rules }) => rules.flatMap(({ peers }) => (peers === "any" ? [] : peers)))
          .filter(({ of }) => of === "service" || of === "cidr-group")
      : [],
  );
}

/**
 * The services and CIDR groups that the peers refer to, over time. What none of
 * them ever referred to is left out: most clusters have thousands of services and
 * no policy about one.
 */
export function referenceHistory(
  peers: readonly Peer[],
  versions: readonly ObjectVersion[],
  profile: Profile,
): ReferenceVersion[] {
  const relevant = versions.filter(({ object }) =>
    object.kind === "Service"
      ? peers.some((peer) => refersToService(peer, object.value, profile))
      : object.kind === "CiliumCIDRGroup" &&
        peers.some((peer) => refersToGroup(peer, object.value, profile)),
  );
  const times = new Set([Number.NEGATIVE_INFINITY]);
  for (const { from, to } of relevant) times.add(from).add(to);
  times.delete(Number.POSITIVE_INFINITY);
  const starts = [...times].sort((a, b) => a - b);
  return starts.map((from, i) => {
    const valid = relevant.filter((version) => version.from <= from && from < version.to);
    return {
      from,
      to: starts[i + 1] ?? Number.POSITIVE_INFINITY,
      services: valid.flatMap(({ object }) => (object.kind === "Service" ? [object.value] : [])),
      cidrGroups: valid.flatMap(({ object }) =>
        object.kind === "CiliumCIDRGroup" ? [object.value] : [],
      ),
    };
  });
}

function refersToService(peer: Peer, service: Service, profile: Profile): boolean {
  const context = matchContext(profile, { services: [service] });
  return peer.of === "service" && servicesOf(peer.service, context).length > 0;
}

function refersToGroup(peer: Peer, group: CidrGroup, profile: Profile): boolean {
  const context = matchContext(profile, { cidrGroups: [group] });
  return peer.of === "cidr-group" && groupsOf(peer.group, context).length > 0;
}
