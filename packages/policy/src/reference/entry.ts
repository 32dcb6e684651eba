import type { Connection, Endpoint } from "../endpoint.js";
import type { MatchContext } from "../match/context.js";
import { matchesPeer } from "../match/peer.js";
import { matchesPort } from "../match/port.js";
import { rulesIn } from "../match/rules.js";
import type { Direction, Peer, Policy, PortMatch, Rule, Tier } from "../policy.js";
import { peerKey } from "./peer-key.js";
import { prefixOf } from "./prefix.js";

/**
 * One peer and one port of one rule that match the connection: what Cilium
 * would write as one entry of the endpoint's policy map.
 */
export interface Entry {
  readonly policy: Policy;
  readonly rule: Rule;
  readonly action: "allow" | "deny" | "pass";
  readonly tier: Tier;
  /** Rules of one tier and level are peers of each other; a lower level decides first. */
  readonly level: readonly [priority: number, index: number];
  /** Whether it is written for every identity rather than for this remote end's own. */
  readonly wildcard: boolean;
  /** Which peer it came from; equal texts select alike. */
  readonly peer: string;
  /** Which port entry it came from; equal texts are the same filter. */
  readonly filter: string;
  /** Bits of protocol and port that it fixes, 0–24: more is more specific. */
  readonly prefix: number;
  /** 0: no redirect; else the more the more urgent. */
  readonly redirect: number;
}

/** All that matches, of all policies that select the local end. */
export function matchingEntries(
  direction: Direction,
  policies: readonly Policy[],
  connection: Connection,
  context: MatchContext,
): Entry[] {
  const remote = direction === "ingress" ? connection.from : connection.to;
  return policies.flatMap((policy) =>
    rulesIn(policy, direction).flatMap((rule) =>
      matchingPeers(rule, remote, context).flatMap((peer) =>
        matchingPorts(rule, connection).map((port) =>
          entry(direction, policy, rule, peer, port, connection.port),
        ),
      ),
    ),
  );
}

function matchingPeers(rule: Rule, remote: Endpoint, context: MatchContext): (Peer | "any")[] {
  if (rule.peers === "any") return ["any"];
  return rule.peers.filter((peer) =>
    // Fail closed: what cannot be resolved lets nobody in and keeps everybody out.
    peer.of === "unknown" ? rule.action !== "allow" : matchesPeer(peer, remote, context),
  );
}

function matchingPorts(rule: Rule, { protocol, port, to }: Connection): (PortMatch | "any")[] {
  if (rule.ports === "any") return ["any"];
  return rule.ports.filter((entry) => matchesPort(entry, protocol, port, to));
}

/** `number` is the port at the destination, which the port entry matches. */
export function entry(
  direction: Direction,
  policy: Policy,
  rule: Rule,
  peer: Peer | "any",
  port: PortMatch | "any",
  number: number,
): Entry {
  const unknown = peer !== "any" && peer.of === "unknown";
  // A named port at a remote end is looked up per end, so that its entry is never one for all.
  const resolvedPerPeer = direction === "egress" && port !== "any" && port.of === "name";
  return {
    policy,
    rule,
    action: unknown ? "deny" : rule.action,
    tier: policy.tier,
    level: policy.tier === "normal" ? [0, 0] : [policy.priority, rule.index],
    wildcard: !resolvedPerPeer && isWildcard(peer),
    peer: peerKey(peer),
    filter: filterKey(port),
    prefix: prefixOf(port, number),
    redirect: rule.action === "allow" && port !== "any" ? urgency(port) : 0,
  };
}

function isWildcard(peer: Peer | "any"): boolean {
  if (peer === "any" || peer.of === "unknown") return true;
  if (peer.of === "entity") return peer.entity === "all";
  return peer.of === "endpoints" && peer.selector.requirements.length === 0;
}

function filterKey(port: PortMatch | "any"): string {
  if (port === "any") return "any";
  return port.of === "name" ? `name ${port.name}` : `${port.first}-${port.last}`;
}

/** Cilium's listener priorities, turned round: which proxy wins where two rules want different ones. */
function urgency(port: PortMatch): number {
  switch (port.l7?.kind) {
    case undefined:
      return 0;
    case "http":
      return 154;
    case "kafka":
      return 149;
    case "sni":
      return 139;
    case "dns":
      return 134;
    case "listener":
      return 129;
    case "other":
      return 2;
  }
}
