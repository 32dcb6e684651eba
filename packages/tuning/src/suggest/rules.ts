import type { Direction } from "@dropscope/policy";
import type { Directory, PodClass } from "./directory.js";
import { compare, groupBy } from "./group.js";
import { classKey, partyKey } from "./parties.js";
import { isEverything, type PortRange, portRanges } from "./ports.js";
import type { Ask, Party, Seen } from "./traffic.js";

/** One rule: any of the peers on any of the ports. */
export interface RuleDraft {
  readonly direction: Direction;
  /** In the order in which they are written. */
  readonly peers: readonly Party[];
  readonly ports: readonly PortRange[];
  readonly dns: boolean;
  /** What it rests on, without repeats; empty where nobody was seen. */
  readonly seen: readonly Seen[];
}

/** Fewer workloads than that are named one by one, though they are all there are. */
const FEWEST_FOR_ALL = 4;
const FEWEST_NAMESPACES_FOR_ALL = 3;

/**
 * Rules for the asks of one policy and direction: peers that use the same ports share one. All
 * workloads of a namespace are the namespace, where it is known that there are no others.
 */
export function rulesOf(
  asks: readonly Ask[],
  direction: Direction,
  directory: Directory,
): RuleDraft[] {
  const own = asks.filter((ask) => ask.direction === direction);
  const byPeer = [...groupBy(own, (ask) => `${lookupMark(ask)} ${partyKey(ask.peer)}`).values()];
  const drafts = byPeer.map((some) => {
    const [{ peer, dns }] = some as [Ask, ...Ask[]];
    return { peer, dns: dns === true, ports: portRanges(some), some };
  });
  const bySame = groupBy(drafts, ({ dns, ports }) => JSON.stringify([dns, ports]));
  const rules = [...bySame.values()].map((same): RuleDraft => {
    const [{ dns, ports }] = same as [(typeof same)[number], ...typeof same];
    const subjects = new Set(same.flatMap(({ some }) => some.map(({ subject }) => subject)));
    const peers = same.map(({ peer }) => peer).toSorted(byKey);
    return {
      direction,
      dns,
      ports,
      peers: ports.some(isIcmp) ? peers : wholes(peers, subjects, directory),
      seen: [...new Set(same.flatMap(({ some }) => some.flatMap(({ seen }) => seen ?? [])))],
    };
  });
  return rules.toSorted((a, b) => compare(orderOf(a), orderOf(b)));
}

const lookupMark = ({ dns }: Ask): string => (dns === true ? "dns" : "");
const isIcmp = ({ protocol }: PortRange): boolean => protocol.startsWith("ICMP");
const byKey = (a: Party, b: Party): number => compare(partyKey(a), partyKey(b));

/** Lookups first, then who is nearest. */
function orderOf({ dns, peers, ports }: RuleDraft): string {
  const kinds = peers.map(({ of }) => ORDER.indexOf(of));
  return JSON.stringify([
    dns ? 0 : 1,
    Math.min(...kinds),
    isEverything(ports) ? 0 : 1,
    peers.map(partyKey),
    ports,
  ]);
}

const ORDER = ["cluster", "namespace", "pods", "entity", "name", "block"];

/** All workloads of a namespace as the namespace, all namespaces as the cluster. */
function wholes(
  peers: readonly Party[],
  subjects: ReadonlySet<PodClass>,
  directory: Directory,
): Party[] {
  const named = new Set(peers.flatMap((one) => (one.of === "pods" ? [classKey(one.pods)] : [])));
  const whole = directory.namespaces.filter((namespace) => {
    if (!directory.isListed(namespace)) return false;
    const all = directory.classes(namespace);
    return all.length >= FEWEST_FOR_ALL && all.every((one) => named.has(classKey(one)));
  });
  const isAll = directory.namespaces.every((namespace) =>
    directory.classes(namespace).every((one) => subjects.has(one) || named.has(classKey(one))),
  );
  const listed = directory.namespaces.every((namespace) => directory.isListed(namespace));
  const others = peers.filter(({ of }) => of !== "pods");
  if (
    isAll &&
    listed &&
    whole.length >= 1 &&
    directory.namespaces.length >= FEWEST_NAMESPACES_FOR_ALL
  )
    return [{ of: "cluster" }, ...others];
  const rest = peers.filter(
    (one) => one.of !== "pods" || one.pods.cluster !== "" || !whole.includes(one.pods.namespace),
  );
  return [...whole.map((namespace) => ({ of: "namespace", namespace }) as const), ...rest].toSorted(
    byKey,
  );
}
