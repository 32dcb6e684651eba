import { type Direction, type Endpoint, parseLabel } from "@dropscope/policy";
import type { SuggestedKind } from "@dropscope/model";
import { blockOf, type Prefixes } from "./blocks.js";
import type { PodClass } from "./directory.js";
import type { Party } from "./traffic.js";

/** How one side of a connection is to be written. */
export interface Wording {
  readonly kind: SuggestedKind;
  /** Whether a CIDR means pods and nodes too; in Cilium it means what is outside alone. */
  readonly cidrMatchesPods: boolean;
  readonly prefixes: Prefixes;
}

/** The reserved identities of an end. */
export function entitiesOf({ labels }: Endpoint): string[] {
  return labels.texts
    .map(parseLabel)
    .flatMap(({ source, key }) => (source === "reserved" ? [key] : []));
}

/** Whether only Cilium's own kinds have a word for the end. */
export function needsCilium(
  end: Endpoint,
  direction: Direction,
  names: readonly string[],
): boolean {
  if (end.kind === "address")
    return end.addresses.length === 0 || (direction === "egress" && names.length > 0);
  return end.kind === "pod" ? !end.local : true;
}

/**
 * The words for the other end of a connection: several where an address goes by several names.
 * @param names DNS names that meant its address
 * @returns why there is none, as a sentence
 */
export function partiesOf(
  end: Endpoint,
  pods: PodClass | undefined,
  direction: Direction,
  names: readonly string[],
  wording: Wording,
): readonly Party[] | string {
  const { kind, cidrMatchesPods, prefixes } = wording;
  const isCilium = kind === "CiliumNetworkPolicy";
  if (end.kind === "pod") {
    if (pods === undefined) return "Nothing is known about its pod.";
    if (pods.cluster !== "" && !isCilium)
      return "A NetworkPolicy has no word for pods of another cluster.";
    return [{ of: "pods", pods }];
  }
  const blocks = end.addresses.map(
    (one) => ({ of: "block", cidr: blockOf(one, prefixes) }) as const,
  );
  const entity = entityOf(end);
  if (isCilium) {
    if (entity !== undefined) return [{ of: "entity", entity }];
    if (direction === "egress" && names.length > 0)
      return names.map((name) => ({ of: "name", name }) as const);
    return blocks.length > 0 ? blocks : [{ of: "entity", entity: "world" }];
  }
  const isOutside = end.kind === "address";
  if ((isOutside || cidrMatchesPods) && blocks.length > 0) return blocks;
  return isOutside
    ? "The flow tells no address of it."
    : `In Cilium a NetworkPolicy has no word for ${entity ?? end.name}: --kind CiliumNetworkPolicy has.`;
}

/** Undefined for an address that is nothing but itself. */
function entityOf(end: Endpoint): string | undefined {
  const entities = entitiesOf(end);
  if (entities.includes("kube-apiserver")) return "kube-apiserver";
  if (end.kind === "address") return undefined;
  if (end.kind === "host" || end.kind === "remote-node") return end.kind;
  return entities[0] ?? end.name;
}

/** Equal for ends that one entry of a rule names; in the order in which a rule lists them. */
export function partyKey(party: Party): string {
  switch (party.of) {
    case "pods":
      return `1 ${classKey(party.pods)}`;
    case "namespace":
      return `2 ${party.namespace}`;
    case "cluster":
      return "3";
    case "entity":
      return `4 ${party.entity}`;
    case "name":
      return `5 ${party.name}`;
    case "block":
      return `6 ${party.cidr}`;
  }
}

const keys = new WeakMap<PodClass, string>();

/** Equal for the same pods. */
export function classKey(pods: PodClass): string {
  let key = keys.get(pods);
  if (key === undefined) {
    const { cluster, namespace, names, selector } = pods;
    key = JSON.stringify([cluster, namespace, names[0], selector]);
    keys.set(pods, key);
  }
  return key;
}
