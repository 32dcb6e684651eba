import { POD_NAMESPACE, POLICY_CLUSTER } from "@dropscope/policy";
import { groupBy } from "./group.js";
import { podEntries, type Value, type WrittenRule } from "./network-policy.js";
import { isEverything, type PortRange } from "./ports.js";
import type { RuleDraft } from "./rules.js";
import type { Party } from "./traffic.js";

/** Ports that one entry of `toPorts` may hold. */
const MOST_PORTS = 40;

/**
 * Rules of cilium.io/v2, which name one kind of peer each, and either ports or types of ICMP.
 * @param own namespace of the policy
 * @param byName whether some rule of the policy goes by DNS names: lookups must then pass the proxy
 */
export function ciliumRules(
  drafts: readonly RuleDraft[],
  own: string,
  byName: boolean,
): WrittenRule[] {
  return drafts.flatMap((whole) =>
    [...groupBy(whole.peers, listOf)].flatMap(([list, peers]) =>
      [
        ...groupBy(whole.ports, ({ protocol }) =>
          protocol.startsWith("ICMP") ? "icmps" : "ports",
        ),
      ].map(([kind, ports]): WrittenRule => {
        const draft = { ...whole, peers, ports };
        const prefix = draft.direction === "egress" ? "to" : "from";
        return {
          draft,
          value: {
            [`${prefix}${list}`]: peerEntries(peers, own),
            ...(kind === "icmps"
              ? { icmps: icmpEntries(ports) }
              : portEntries(ports, draft.dns && byName)),
          },
        };
      }),
    ),
  );
}

function listOf({ of }: Party): string {
  switch (of) {
    case "entity":
      return "Entities";
    case "name":
      return "FQDNs";
    case "block":
      return "CIDR";
    default:
      return "Endpoints";
  }
}

const NAMESPACE_KEY = `k8s:${POD_NAMESPACE}`;

function peerEntries(peers: readonly Party[], own: string): unknown[] {
  const wholes = peers.flatMap((peer): unknown[] => {
    switch (peer.of) {
      case "namespace":
        return [peer.namespace === own ? {} : { matchLabels: { [NAMESPACE_KEY]: peer.namespace } }];
      case "cluster":
        return [{ matchExpressions: [{ key: NAMESPACE_KEY, operator: "Exists" }] }];
      case "entity":
        return [peer.entity];
      case "name":
        return [{ matchName: peer.name }];
      case "block":
        return [peer.cidr];
      case "pods":
        return [];
    }
  });
  const pods = podEntries(peers, (selector, namespace, cluster) => {
    const where = {
      ...(namespace === own && cluster === "" ? {} : { [NAMESPACE_KEY]: namespace }),
      ...(cluster === "" ? {} : { [`k8s:${POLICY_CLUSTER}`]: cluster }),
    };
    const labels = { ...where, ...(selector["matchLabels"] as Value | undefined) };
    return {
      ...(Object.keys(labels).length === 0 ? {} : { matchLabels: labels }),
      ...(selector["matchExpressions"] === undefined
        ? {}
        : { matchExpressions: selector["matchExpressions"] }),
    };
  });
  return [...wholes, ...pods];
}

function icmpEntries(ports: readonly PortRange[]): Value[] {
  const fields = ports.flatMap(({ protocol, first, last }) =>
    Array.from({ length: last - first + 1 }, (_, at) => ({
      type: first + at,
      family: protocol === "ICMP" ? "IPv4" : "IPv6",
    })),
  );
  return [{ fields }];
}

function portEntries(ports: readonly PortRange[], proxied: boolean): Value {
  if (isEverything(ports)) return {};
  const entries = ports.map(({ protocol, first, last }) => ({
    port: String(first),
    ...(first === last ? {} : { endPort: last }),
    protocol,
  }));
  const chunks: (typeof entries)[] = [];
  for (let at = 0; at < entries.length; at += MOST_PORTS)
    chunks.push(entries.slice(at, at + MOST_PORTS));
  // Every name, for search lists add suffixes to those that are meant.
  const rules = { dns: [{ matchPattern: "*" }] };
  return { toPorts: chunks.map((some) => (proxied ? { ports: some, rules } : { ports: some })) };
}
