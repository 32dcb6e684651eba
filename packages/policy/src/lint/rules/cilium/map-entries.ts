import { groupsOf } from "../../../match/peer.js";
import type { Peer, PortMatch, Rule } from "../../../policy.js";
import { selectorText } from "../../compare/selectors.js";
import type { LintContext } from "../../context/context.js";
import type { Pod } from "../../context/pods.js";
import { isOfNamespace, podsInScope } from "../../context/selectors.js";

/** How many entries rules take in the policy map of an endpoint. */
export interface Sizes {
  /** Not more than this, told without looking at each pod. */
  atMost(this: void, rule: Rule): number;
  /** One text for each entry: equal ones of several rules are one entry. */
  entries(rule: Rule): Iterable<string>;
  /** `40 peers × 413 port prefixes`. */
  text(rule: Rule): string;
}

export function createSizes(context: LintContext): Sizes {
  const bounds = new Map<Rule, number>();
  const scopes = new Map<string, number>();
  const identityOf = createIdentities();
  const scopeSize = (peer: Extract<Peer, { of: "endpoints" }>): number => {
    const key = selectorText(peer.selector.requirements.filter(isOfNamespace));
    const size = scopes.get(key) ?? podsInScope(context, peer.selector).length;
    scopes.set(key, size);
    return Math.max(size, 1);
  };
  const peersAtMost = ({ peers }: Rule): number => {
    if (peers === "any") return 1;
    return peers.reduce(
      (total, peer) =>
        total +
        (peer.of === "endpoints"
          ? scopeSize(peer)
          : identitiesOf(context, peer, identityOf).length),
      0,
    );
  };
  const peersOf = (rule: Rule): string[] =>
    rule.peers === "any"
      ? ["any"]
      : [...new Set(rule.peers.flatMap((peer) => identitiesOf(context, peer, identityOf)))];
  return {
    atMost(rule) {
      const bound = bounds.get(rule) ?? peersAtMost(rule) * prefixes(rule).length;
      bounds.set(rule, bound);
      return bound;
    },
    *entries(rule) {
      const ports = prefixes(rule);
      for (const peer of peersOf(rule))
        for (const port of ports) yield `${rule.direction} ${peer} ${port}`;
    },
    text: (rule) => `${peersOf(rule).length} peers × ${prefixes(rule).length} port prefixes`,
  };
}

/** Pods with the same labels share an identity. */
function createIdentities(): (pod: Pod) => string {
  const texts = new WeakMap<Pod, string>();
  return (pod) => {
    const { namespace, serviceAccount, labels } = pod.workload;
    const text = texts.get(pod) ?? JSON.stringify([namespace, serviceAccount, labels]);
    texts.set(pod, text);
    return text;
  };
}

/** One text for each identity that a peer stands for. What cannot be counted is one. */
function identitiesOf(
  context: LintContext,
  peer: Peer,
  identityOf: (pod: Pod) => string,
): readonly string[] {
  switch (peer.of) {
    case "cidr":
      return [peer.cidr];
    case "cidr-group":
      return groupsOf(peer.group, context.match).flatMap(({ cidrs }) => cidrs);
    case "endpoints": {
      const identities = new Set(context.pods.of(peer).map(identityOf));
      return identities.size > 0 ? [...identities] : [peer.place.path];
    }
    case "entity":
      return [peer.entity];
    default:
      return [peer.place.path];
  }
}

function prefixes({ ports }: Rule): string[] {
  return ports === "any" ? ["any"] : [...new Set(ports.flatMap(prefixesOf))];
}

/** A range takes an entry for each aligned power of two in it. */
function prefixesOf(port: PortMatch): string[] {
  if (port.of === "name") return port.protocols.map((protocol) => `${protocol} ${port.name}`);
  const blocks: string[] = [];
  if (port.first <= 1 && port.last >= 65_535) blocks.push("all");
  else
    for (let next = port.first; next <= port.last;) {
      // The largest block that begins here and ends within the range; 0 is aligned to everything.
      let size = next === 0 ? 65_536 : next & -next;
      while (next + size - 1 > port.last) size /= 2;
      blocks.push(`${next}/${size}`);
      next += size;
    }
  return port.protocols.flatMap((protocol) => blocks.map((block) => `${protocol} ${block}`));
}
