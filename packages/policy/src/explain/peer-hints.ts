import type { Endpoint } from "../endpoint.js";
import type { MatchContext } from "../match/context.js";
import { NAMESPACE_LABEL_PREFIX, POD_NAMESPACE } from "../selector.js";
import type { Failure, HintCode, RuleAccount } from "./explanation.js";
import { nearOf, wantedText } from "./failure-text.js";
import { endText, fqdnText, keyText, peerText, policyText } from "./text.js";

export interface HintText {
  readonly code: HintCode;
  readonly text: string;
}

/** What a failure of a peer entry most likely comes from. */
export function peerHint(
  failure: Failure,
  account: RuleAccount,
  peer: Endpoint,
  context: MatchContext,
): HintText | undefined {
  switch (failure.dimension) {
    case "kind":
      return kindHint(failure, peer, context);
    case "fqdn":
      return fqdnHint(failure, peer);
    case "entity":
      return entityHint(failure, peer);
    case "namespace":
    case "cluster":
      return scopeHint(failure, account, peer);
    case "label":
      return labelHint(failure, peer);
    default:
      return undefined;
  }
}

function kindHint(
  { reason, peer: entry }: Extract<Failure, { dimension: "kind" }>,
  peer: Endpoint,
  { profile }: MatchContext,
): HintText | undefined {
  if (reason === "cidr-covers-pod") {
    const what = peer.kind === "pod" ? "pod" : "node";
    return {
      code: "cidr-never-matches-pods",
      text: `${peerText(entry)} holds the address of ${endText(peer)}, but under ${profile.name === "cilium" ? "Cilium" : "this profile"} a CIDR never matches a ${what}; select it by ${what === "pod" ? "its labels" : "entity host or remote-node"}.`,
    };
  }
  if (reason === "host-network")
    return {
      code: "host-network",
      text: `${peer.name} is on the host network, so its traffic comes from its node and no pod selector means it; allow ${profile.name === "cilium" ? "entities host and remote-node" : "the addresses of the nodes by ipBlock"}.`,
    };
  return undefined;
}

function fqdnHint(
  failure: Extract<Failure, { dimension: "fqdn" }>,
  { name }: Endpoint,
): HintText | undefined {
  if (failure.reason !== "not-observed" || failure.peer.of !== "fqdn") return undefined;
  return {
    code: "fqdn-not-observed",
    text: `toFQDNs ${fqdnText(failure.peer.name)} matches only addresses that the DNS proxy saw in an answer to this pod, and no name is known for ${name}; a rule with toPorts.rules.dns must let the pod's DNS queries through the proxy first.`,
  };
}

function entityHint(
  { peer: entry }: Extract<Failure, { dimension: "entity" }>,
  peer: Endpoint,
): HintText | undefined {
  if (entry.of !== "entity") return undefined;
  const { entity } = entry;
  if (entity.startsWith("world") && peer.kind !== "address")
    return {
      code: "world-is-outside",
      text: `Entity ${entity} is everything outside the cluster; ${endText(peer)} is inside. For everything inside write entity cluster, for both entity all.`,
    };
  if (entity === "cluster" && peer.kind === "address")
    return {
      code: "cluster-is-inside",
      text: `Entity cluster is everything inside the cluster; ${endText(peer)} needs entity world or a CIDR.`,
    };
  if (entity === "host" && peer.kind === "remote-node")
    return {
      code: "world-is-outside",
      text: "Entity host is the pod's own node alone; other nodes are entity remote-node.",
    };
  return undefined;
}

/** A requirement that nobody wrote: the selector was not meant to be limited so. */
function scopeHint(
  failure: Extract<Failure, { requirement: unknown }>,
  { policy, rule }: RuleAccount,
  { namespace, name, kind }: Endpoint,
): HintText | undefined {
  const { key, place } = failure.requirement;
  if (place !== undefined) return undefined;
  if (failure.dimension === "cluster")
    return {
      code: "own-cluster-only",
      text: `A selector that names no cluster means pods of the policy's own cluster, and ${name} is in another; add the label io.cilium.k8s.policy.cluster.`,
    };
  if (key !== POD_NAMESPACE || kind !== "pod" || namespace === "") return undefined;
  const own = policy.namespace === "" ? "a namespace" : `namespace ${policy.namespace}`;
  const what =
    policy.kind === "NetworkPolicy"
      ? `add a namespaceSelector with kubernetes.io/metadata.name: ${namespace} to the same entry`
      : `add the label k8s:io.kubernetes.pod.namespace: ${namespace}`;
  return {
    code: "own-namespace-only",
    text: `The peer selector of ${rule.place.path} names no namespace, so it means pods of ${own}, where ${policyText(policy)} is; for ${name} ${what}.`,
  };
}

function labelHint(
  failure: Extract<Failure, { requirement: unknown }>,
  peer: Endpoint,
): HintText | undefined {
  const near = nearOf(failure, peer);
  if (near?.by !== "typo" || failure.requirement.key.startsWith(NAMESPACE_LABEL_PREFIX))
    return undefined;
  return {
    code: "typo",
    text: `The rule wants ${wantedText(failure)}, and ${peer.name} has ${keyText({ source: "any", key: near.key })}=${near.value}: one of them looks mistyped.`,
  };
}
