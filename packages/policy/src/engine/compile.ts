import { contains, parseCidr, type Cidr } from "../match/cidr.js";
import type { MatchContext } from "../match/context.js";
import { groupsOf, matchesPeer } from "../match/peer.js";
import { concerns, rulesIn } from "../match/rules.js";
import { servicesOf } from "../match/service.js";
import type { Direction, Peer, Policy, PortMatch, Rule } from "../policy.js";
import { entry, type Entry } from "../reference/entry.js";
import { POD_NAMESPACE } from "../selector.js";
import type { EndpointClass } from "./classes.js";
import type { FqdnMatchers } from "./fqdns.js";
import { PROTOCOL_BITS, type PortClasses } from "./ports.js";
import type { Prefixes } from "./prefixes.js";
import { selectorMatches, type CompiledSelector, type Selectors } from "./selectors.js";
import type { Vocabulary } from "./vocabulary.js";

/** A policy made ready: its selectors in numbers, its references resolved, its rules by direction. */
export interface CompiledPolicy {
  readonly id: number;
  readonly policy: Policy;
  readonly subject: CompiledSelector;
  /** Kind of the ends that it may select. */
  readonly subjectKind: "pod" | "host";
  /** Namespace of the ends that it may select; empty for any. */
  readonly subjectNamespace: string;
  /** Undefined for a direction that the policy says nothing about. */
  readonly ingress: CompiledSide | undefined;
  readonly egress: CompiledSide | undefined;
}

export interface CompiledSide {
  readonly policy: Policy;
  readonly rules: readonly CompiledRule[];
}

export interface CompiledRule {
  readonly rule: Rule;
  readonly peers: readonly CompiledPeer[];
  readonly ports: readonly CompiledPort[];
  /** The entry of a matching peer and port, by their places in the lists, for a port number. */
  entry(peer: number, port: number, number: number): Entry;
}

export interface CompiledPeer {
  readonly peer: Peer | "any";
  matches(remote: EndpointClass): boolean;
}

export interface CompiledPort {
  readonly port: PortMatch | "any";
  /** `PROTOCOL_BITS` of its protocols. */
  readonly protocols: number;
  /** Inclusive; the whole range for a named port, which `name` then decides. */
  readonly first: number;
  readonly last: number;
  readonly name: string | undefined;
}

export interface Compiler {
  /** Equal results for the same policy and the same resolution of its references are one object. */
  compile(policy: Policy, context: MatchContext): CompiledPolicy;
}

const ANY_PORT: CompiledPort = {
  port: "any",
  protocols: 31,
  first: 0,
  last: 65_535,
  name: undefined,
};
const ANY_PEER: CompiledPeer = { peer: "any", matches: () => true };

export function createCompiler(parts: {
  readonly vocabulary: Vocabulary;
  readonly selectors: Selectors;
  readonly prefixes: Prefixes;
  readonly ports: PortClasses;
  readonly fqdns: FqdnMatchers;
}): Compiler {
  const { vocabulary, selectors, prefixes, ports, fqdns } = parts;
  const known = new WeakMap<Policy, Map<string, CompiledPolicy>>();
  let nextId = 0;

  const blocks = (cidrs: readonly string[]): Cidr[] =>
    cidrs.flatMap((cidr) => {
      prefixes.add(cidr);
      return parseCidr(cidr) ?? [];
    });

  const peerOfBlocks = (
    peer: Peer,
    cidrs: readonly string[],
    except: readonly string[],
  ): CompiledPeer => {
    const inside = blocks(cidrs);
    const outside = blocks(except);
    return {
      peer,
      matches: ({ addresses }) =>
        addresses.some(
          (address) =>
            inside.some((block) => contains(block, address)) &&
            !outside.some((block) => contains(block, address)),
        ),
    };
  };

  const compilePeer = (peer: Peer, action: Rule["action"], context: MatchContext): CompiledPeer => {
    switch (peer.of) {
      case "endpoints": {
        const selector = selectors.compile(peer.selector);
        return {
          peer,
          matches: ({ example, labels }) =>
            !(example.kind === "pod" && example.hostNetwork) && selectorMatches(selector, labels),
        };
      }
      case "cidr":
        return peerOfBlocks(peer, [peer.cidr], peer.except);
      case "cidr-group":
        return peerOfBlocks(
          peer,
          groupsOf(peer.group, context).flatMap(({ cidrs }) => cidrs),
          peer.except,
        );
      case "fqdn": {
        const matcher = fqdns.add(peer.name);
        return { peer, matches: (remote) => remote.fqdns.includes(matcher) };
      }
      case "nodes":
        // For the keys that it makes visible; the match itself is rare.
        selectors.compile(peer.selector);
        return { peer, matches: ({ example }) => matchesPeer(peer, example, context) };
      case "service":
        for (const service of servicesOf(peer.service, context)) {
          for (const key of [POD_NAMESPACE, ...Object.keys(service.selector ?? {})])
            vocabulary.use(vocabulary.key("k8s", key));
          for (const address of service.backendAddresses) prefixes.add(address);
        }
        return { peer, matches: ({ example }) => matchesPeer(peer, example, context) };
      case "entity":
        return { peer, matches: ({ example }) => matchesPeer(peer, example, context) };
      case "unknown": {
        const failsClosed = action !== "allow";
        return { peer, matches: () => failsClosed };
      }
    }
  };

  const compilePort = (port: PortMatch): CompiledPort => {
    ports.add(port);
    let protocols = 0;
    for (const protocol of port.protocols) protocols |= PROTOCOL_BITS[protocol];
    return port.of === "number"
      ? { port, protocols, first: port.first, last: port.last, name: undefined }
      : { ...ANY_PORT, port, protocols, name: port.name };
  };

  const compileRule = (policy: Policy, rule: Rule, context: MatchContext): CompiledRule => {
    const peers =
      rule.peers === "any"
        ? [ANY_PEER]
        : rule.peers.map((peer) => compilePeer(peer, rule.action, context));
    const ports = rule.ports === "any" ? [ANY_PORT] : rule.ports.map(compilePort);
    return { rule, peers, ports, entry: rememberedEntries(policy, rule, peers, ports) };
  };

  const compileSide = (
    policy: Policy,
    direction: Direction,
    context: MatchContext,
  ): CompiledSide | undefined =>
    concerns(policy, direction)
      ? {
          policy,
          rules: rulesIn(policy, direction).map((rule) => compileRule(policy, rule, context)),
        }
      : undefined;

  return {
    compile: (policy, context) => {
      const versions = known.get(policy) ?? new Map<string, CompiledPolicy>();
      known.set(policy, versions);
      const resolved = hasReferences(policy) ? resolution(policy, context) : "";
      let compiled = versions.get(resolved);
      if (compiled === undefined) {
        compiled = {
          id: nextId++,
          policy,
          subject: selectors.compile(policy.subject.selector),
          subjectKind: policy.subject.of === "nodes" ? "host" : "pod",
          subjectNamespace: policy.subject.of === "nodes" ? "" : policy.namespace,
          ingress: compileSide(policy, "ingress", context),
          egress: compileSide(policy, "egress", context),
        };
        versions.set(resolved, compiled);
      }
      return compiled;
    },
  };
}

/** Entries are made once: only those of a range depend on the port. */
function rememberedEntries(
  policy: Policy,
  rule: Rule,
  peers: readonly CompiledPeer[],
  ports: readonly CompiledPort[],
): CompiledRule["entry"] {
  const made: (Entry | undefined)[] = [];
  return (peerAt, portAt, number) => {
    const [peer, port] = [peers[peerAt]?.peer ?? "any", ports[portAt]?.port ?? "any"];
    if (port !== "any" && port.of === "number" && port.first !== port.last)
      return entry(rule.direction, policy, rule, peer, port, number);
    const at = peerAt * ports.length + portAt;
    return (made[at] ??= entry(rule.direction, policy, rule, peer, port, number));
  };
}

/** Whether what the policy means depends on CIDR groups or services. */
export function hasReferences(policy: Policy): boolean {
  return policy.rules.some(
    ({ peers }) =>
      peers !== "any" && peers.some(({ of }) => of === "cidr-group" || of === "service"),
  );
}

/** All that the references of a policy resolve to, as text. */
function resolution(policy: Policy, context: MatchContext): string {
  return JSON.stringify(
    policy.rules.flatMap(({ peers }) =>
      peers === "any"
        ? []
        : peers.map((peer) => {
            if (peer.of === "cidr-group")
              return groupsOf(peer.group, context).map(({ cidrs }) => cidrs);
            if (peer.of !== "service") return 0;
            return servicesOf(peer.service, context).map((service) => [
              service.namespace,
              service.selector ?? null,
              service.backendAddresses,
            ]);
          }),
    ),
  );
}
