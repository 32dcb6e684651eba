import { parseCidr } from "../match/cidr.js";
import { groupsOf } from "../match/peer.js";
import type { MatchContext } from "../match/context.js";
import type { Direction, Policy } from "../policy.js";

/** IPv4 addresses as unsigned numbers, inclusive. */
export interface AddressRange {
  readonly first: number;
  readonly last: number;
}

const LAST_ADDRESS = 0xffff_ffff;

/**
 * Cuts the IPv4 addresses at the edges of every CIDR (exceptions included) that a
 * rule of the direction names: within one part, policies treat all addresses alike.
 */
export function addressRanges(
  policies: readonly Policy[],
  direction: Direction,
  context: MatchContext,
): AddressRange[] {
  const starts = new Set<number>([0]);
  for (const policy of policies)
    for (const rule of policy.rules) {
      if (rule.direction !== direction || rule.peers === "any") continue;
      for (const peer of rule.peers) {
        if (peer.of !== "cidr" && peer.of !== "cidr-group") continue;
        const cidrs =
          peer.of === "cidr"
            ? [peer.cidr]
            : groupsOf(peer.group, context).flatMap((group) => group.cidrs);
        for (const cidr of [...cidrs, ...peer.except]) addEdges(cidr, starts);
      }
    }
  const sorted = [...starts].sort((a, b) => a - b);
  return sorted.map((first, i) => ({ first, last: (sorted[i + 1] ?? LAST_ADDRESS + 1) - 1 }));
}

/** Cuts each range wherever an edge of the other list falls into it. */
export function commonRanges(
  a: readonly AddressRange[],
  b: readonly AddressRange[],
): AddressRange[] {
  const starts = new Set([0, ...[...a, ...b].flatMap(({ first, last }) => [first, last + 1])]);
  starts.delete(LAST_ADDRESS + 1);
  const sorted = [...starts].sort((x, y) => x - y);
  return sorted.map((first, i) => ({ first, last: (sorted[i + 1] ?? LAST_ADDRESS + 1) - 1 }));
}

export function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
}

/** `0.0.0.0-9.255.255.255` */
export function rangeText({ first, last }: AddressRange): string {
  return `${addressText(first)}-${addressText(last)}`;
}

/** IPv6 is left out, as in the lists that this one is compared with. */
function addEdges(cidr: string, starts: Set<number>): void {
  const block = parseCidr(cidr);
  if (block === undefined || block.base.length !== 1) return;
  const size = 2 ** (32 - block.bits);
  const first = Math.floor(((block.base[0] ?? 0) >>> 0) / size) * size;
  starts.add(first);
  if (first + size <= LAST_ADDRESS) starts.add(first + size);
}
