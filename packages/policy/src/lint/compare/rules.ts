import { matchesName } from "../../match/fqdn.js";
import type { Entity, L7Rules, Peer, Policy, PortMatch, Rule } from "../../policy.js";
import { POD_NAMESPACE, POLICY_CLUSTER, type Selector } from "../../selector.js";
import { blockCovers } from "./cidrs.js";
import { selectorContains, selectorsDisjoint, selectorsEqual } from "./selectors.js";

/** How L7 parts are compared: a plain entry contains one with L7 rules (`ignore`), or only equal ones do (`same`). */
export type L7Comparison = "ignore" | "same";

/** Longer lists are not compared entry by entry: for them no proof is found. */
const MAX_PAIRS = 100_000;

/** Whether `outer` provably matches every connection that `inner` matches. Actions are not compared. */
export function ruleContains(outer: Rule, inner: Rule, l7: L7Comparison = "same"): boolean {
  return (
    outer.direction === inner.direction &&
    peersContain(outer.peers, inner.peers) &&
    portsContain(outer.ports, inner.ports, l7)
  );
}

export function peersContain(outer: Rule["peers"], inner: Rule["peers"]): boolean {
  if (outer === "any") return true;
  if (outer.some((peer) => peer.of === "entity" && peer.entity === "all")) return true;
  if (inner === "any" || outer.length * inner.length > MAX_PAIRS) return false;
  return inner.every((peer) => outer.some((wide) => peerContains(wide, peer)));
}

export function peerContains(outer: Peer, inner: Peer): boolean {
  if (inner.of === "entity" && inner.entity === "none") return true;
  switch (outer.of) {
    case "endpoints":
      return inner.of === "endpoints" && selectorContains(outer.selector, inner.selector);
    case "cidr":
      return inner.of === "cidr" && blockCovers(outer, inner);
    case "cidr-group":
      return (
        inner.of === "cidr-group" &&
        "name" in outer.group &&
        "name" in inner.group &&
        outer.group.name === inner.group.name &&
        outer.except.every((hole) => inner.except.includes(hole))
      );
    case "entity":
      return entityContains(outer.entity, inner);
    case "fqdn":
      if (inner.of !== "fqdn") return false;
      return inner.name.kind === "name"
        ? matchesName(outer.name, inner.name.name)
        : outer.name.kind === "pattern" && outer.name.pattern === inner.name.pattern;
    case "nodes":
      return inner.of === "nodes" && selectorContains(outer.selector, inner.selector);
    case "service":
      return (
        inner.of === "service" &&
        "name" in outer.service &&
        "name" in inner.service &&
        outer.service.name === inner.service.name &&
        outer.service.namespace === inner.service.namespace
      );
    case "unknown":
      return false;
  }
}

const inCluster: ReadonlySet<Entity> = new Set([
  "host",
  "remote-node",
  "init",
  "ingress",
  "health",
  "unmanaged",
  "kube-apiserver",
]);

function entityContains(outer: Entity, inner: Peer): boolean {
  if (outer === "all") return true;
  if (inner.of === "entity") {
    if (inner.entity === outer) return true;
    if (outer === "world") return inner.entity === "world-ipv4" || inner.entity === "world-ipv6";
    return outer === "cluster" && inCluster.has(inner.entity);
  }
  // Where there are entities there is Cilium, and there a CIDR or a name is never a pod or a node.
  if (outer === "world")
    return inner.of === "cidr" || inner.of === "cidr-group" || inner.of === "fqdn";
  return (
    outer === "cluster" &&
    inner.of === "endpoints" &&
    inner.selector.requirements.some(
      ({ key, operator, place }) =>
        key === POLICY_CLUSTER && operator === "In" && place === undefined,
    )
  );
}

export function portsContain(
  outer: Rule["ports"],
  inner: Rule["ports"],
  l7: L7Comparison = "same",
): boolean {
  if (outer === "any") return l7 === "ignore" || inner === "any" || inner.every((port) => !port.l7);
  if (inner === "any" || outer.length * inner.length > MAX_PAIRS) return false;
  return inner.every((port) => portContained(outer, port, l7));
}

function portContained(outer: readonly PortMatch[], inner: PortMatch, l7: L7Comparison): boolean {
  return inner.protocols.every((protocol) =>
    outer.some(
      (wide) =>
        wide.protocols.includes(protocol) &&
        numbersContain(wide, inner) &&
        (l7 === "ignore"
          ? wide.l7 === undefined || sameL7(wide.l7, inner.l7)
          : sameL7(wide.l7, inner.l7)),
    ),
  );
}

/** A name may be any number, so that only the whole range contains it. */
export function numbersContain(outer: PortMatch, inner: PortMatch): boolean {
  if (outer.of === "name") return inner.of === "name" && inner.name === outer.name;
  if (inner.of === "name") return outer.first <= 1 && outer.last >= 65_535;
  return outer.first <= inner.first && inner.last <= outer.last;
}

export function sameL7(a: L7Rules | undefined, b: L7Rules | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const plain = ({ kind, http, dns }: L7Rules): string => JSON.stringify([kind, http, dns]);
  // Of the other kinds the normal form does not keep what they ask for.
  return (a.kind === "http" || a.kind === "dns") && plain(a) === plain(b);
}

/** Whether every endpoint that `inner` is about is one that `outer` is about. */
export function subjectContains(outer: Policy, inner: Policy): boolean {
  return (
    outer.subject.of === inner.subject.of &&
    selectorContains(subjectSelector(outer), subjectSelector(inner))
  );
}

/** Whether no endpoint can be the subject of both. */
export function subjectsDisjoint(a: Policy, b: Policy): boolean {
  return a.subject.of !== b.subject.of || selectorsDisjoint(subjectSelector(a), subjectSelector(b));
}

export function subjectsEqual(a: Policy, b: Policy): boolean {
  return a.subject.of === b.subject.of && selectorsEqual(subjectSelector(a), subjectSelector(b));
}

const subjects = new WeakMap<Policy, Selector>();

/** The subject with the policy's own namespace as a requirement. */
function subjectSelector(policy: Policy): Selector {
  let selector = subjects.get(policy);
  if (selector === undefined) {
    const { subject, namespace } = policy;
    const own = { source: "k8s", key: POD_NAMESPACE, operator: "In" as const, values: [namespace] };
    selector =
      subject.of === "pods" && namespace !== ""
        ? { requirements: [...subject.selector.requirements, own] }
        : subject.selector;
    subjects.set(policy, selector);
  }
  return selector;
}
