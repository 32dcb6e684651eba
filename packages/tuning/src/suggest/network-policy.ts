import { compare, groupBy } from "./group.js";
import type { PodSelector } from "./selector.js";
import { isEverything, isWholeProtocol, type PortRange } from "./ports.js";
import type { RuleDraft } from "./rules.js";
import type { Party } from "./traffic.js";

export type Value = Readonly<Record<string, unknown>>;

/** A rule as it is written, and what it rests on. */
export interface WrittenRule {
  readonly draft: RuleDraft;
  readonly value: Value;
}

/** Rules of networking.k8s.io/v1. @param own namespace of the policy */
export function networkRules(drafts: readonly RuleDraft[], own: string): WrittenRule[] {
  return drafts.map((draft) => {
    const ports = portEntries(draft.ports);
    return {
      draft,
      value: {
        [draft.direction === "egress" ? "to" : "from"]: peerEntries(draft.peers, own),
        ...(ports === undefined ? {} : { ports }),
      },
    };
  });
}

/** The fields of a label selector. */
export function selectorValue({ labels, absent }: PodSelector): Value {
  const keys = Object.keys(labels).toSorted(compare);
  return {
    ...(keys.length === 0
      ? {}
      : { matchLabels: Object.fromEntries(keys.map((key) => [key, labels[key]])) }),
    ...(absent.length === 0
      ? {}
      : { matchExpressions: absent.map((key) => ({ key, operator: "DoesNotExist" })) }),
  };
}

/** So many pods of one namespace that differ in one label are written as a list of its values. */
export const FEWEST_FOR_LIST = 3;

/** Pods by what they have in common: those that one label alone tells apart come as one list of values. */
export function podEntries<Entry>(
  peers: readonly Party[],
  entryOf: (selector: Value, namespace: string, cluster: string) => Entry,
): Entry[] {
  const pods = peers.flatMap((peer) => (peer.of === "pods" ? [peer.pods] : []));
  const groups = groupBy(pods, ({ cluster, namespace, selector }) => {
    const [key, ...more] = Object.keys(selector.labels);
    const alone = key !== undefined && more.length === 0 && selector.absent.length === 0;
    return JSON.stringify([cluster, namespace, alone ? key : ""]);
  });
  return [...groups].flatMap(([text, some]) => {
    const [cluster, namespace, key] = JSON.parse(text) as [string, string, string];
    if (key === "" || some.length < FEWEST_FOR_LIST)
      return some.map(({ selector }) => entryOf(selectorValue(selector), namespace, cluster));
    const values = [...new Set(some.map(({ selector }) => selector.labels[key] ?? ""))];
    const list = { key, operator: "In", values: values.toSorted(compare) };
    return entryOf({ matchExpressions: [list] }, namespace, cluster);
  });
}

function peerEntries(peers: readonly Party[], own: string): Value[] {
  const pods = podEntries(peers, (podSelector, namespace) =>
    namespace === own ? { podSelector } : { namespaceSelector: byName(namespace), podSelector },
  );
  const others = peers.flatMap((peer): Value[] => {
    switch (peer.of) {
      case "namespace":
        return [
          peer.namespace === own
            ? { podSelector: {} }
            : { namespaceSelector: byName(peer.namespace) },
        ];
      case "cluster":
        return [{ namespaceSelector: {} }];
      case "block":
        return [{ ipBlock: { cidr: peer.cidr } }];
      default:
        return [];
    }
  });
  return [
    ...others.filter((one) => !("ipBlock" in one)),
    ...pods,
    ...others.filter((one) => "ipBlock" in one),
  ];
}

const byName = (namespace: string): Value => ({
  matchLabels: { "kubernetes.io/metadata.name": namespace },
});

/** Undefined: every port. */
function portEntries(ports: readonly PortRange[]): Value[] | undefined {
  if (isEverything(ports)) return undefined;
  return ports.map((range) => {
    const { protocol, first, last } = range;
    if (isWholeProtocol(range)) return { protocol };
    return { protocol, port: first, ...(first === last ? {} : { endPort: last }) };
  });
}
