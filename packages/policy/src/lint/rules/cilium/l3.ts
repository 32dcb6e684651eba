import type { CiliumRuleView } from "../../context/cilium-policies.js";
import { has, isRecord, type Json, list } from "../../context/raw.js";
import type { Path } from "../../rule.js";

/** The fields of a rule that say who the peer is. One rule may fill one of them. */
export const PEER_FIELDS = {
  ingress: ["fromEndpoints", "fromCIDR", "fromCIDRSet", "fromEntities", "fromNodes", "fromGroups"],
  egress: [
    "toEndpoints",
    "toCIDR",
    "toCIDRSet",
    "toEntities",
    "toNodes",
    "toGroups",
    "toServices",
    "toFQDNs",
  ],
} as const;

/** Peer fields of the rule that are written as lists, empty ones included. */
export function peerFields({
  direction,
  value,
}: CiliumRuleView): { key: string; items: readonly unknown[] }[] {
  return PEER_FIELDS[direction].flatMap((key) =>
    has(value, key) && Array.isArray(value[key]) ? { key, items: list(value[key]) } : [],
  );
}

/** Whether the rule says anything about ports or ICMP types. */
export function hasPorts({ value }: CiliumRuleView): boolean {
  return list(value["toPorts"]).length > 0 || list(value["icmps"]).length > 0;
}

/** The rule's `toPorts` entries that are objects, with their paths. */
export function portEntries({ value, path }: CiliumRuleView): { path: Path; value: Json }[] {
  return objects(value["toPorts"], [...path, "toPorts"]);
}

/** The objects of a list, with their paths. */
export function objects(value: unknown, path: Path): { path: Path; value: Json }[] {
  return list(value).flatMap((item, index) =>
    isRecord(item) ? { path: [...path, index], value: item } : [],
  );
}
