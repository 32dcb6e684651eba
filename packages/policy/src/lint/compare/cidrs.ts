import { cidrContains, parseCidr } from "../../match/cidr.js";

/** Whether every address of `inner` is in `outer`. False for what is no CIDR. */
export function cidrCovers(outer: string, inner: string): boolean {
  const wide = parseCidr(outer);
  const narrow = parseCidr(inner);
  if (wide === undefined || narrow === undefined || wide.bits > narrow.bits) return false;
  return cidrContains(outer, inner.split("/")[0] ?? "");
}

/** Two blocks overlap only when one is in the other. */
export function cidrsOverlap(a: string, b: string): boolean {
  return cidrCovers(a, b) || cidrCovers(b, a);
}

/** A block without its exceptions. */
export interface Block {
  readonly cidr: string;
  readonly except: readonly string[];
}

/** Whether every address of `inner` is provably in `outer`, exceptions of both taken into account. */
export function blockCovers(outer: Block, inner: Block): boolean {
  return (
    cidrCovers(outer.cidr, inner.cidr) &&
    outer.except.every(
      (hole) =>
        !cidrsOverlap(hole, inner.cidr) || inner.except.some((part) => cidrCovers(part, hole)),
    )
  );
}

/** The private ranges of RFC 1918. */
export const PRIVATE_RANGES: readonly string[] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** Whether any private address is left in the block. */
export function reachesPrivateRanges({ cidr, except }: Block): boolean {
  return PRIVATE_RANGES.some(
    (range) => cidrsOverlap(cidr, range) && !except.some((hole) => cidrCovers(hole, range)),
  );
}
