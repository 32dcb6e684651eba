import type { Protocol } from "../policy.js";
import type { Slot } from "../source/slot.js";
import type { Report } from "./report.js";

export function checkPortNumber(report: Report, slot: Slot, port: number): void {
  if (port < 1 || port > 65_535)
    report.error("BAD_PORT", slot, `${port} is not a port`, "Write a number from 1 to 65535.");
}

/** Ports that one entry of toPorts, and ICMP fields that one entry of icmps, may have. */
export const MAX_ENTRIES = 40;

/** Port 0 is every port, and in the policy map also every ICMP type. */
export function rangeOf(
  kinds: readonly Protocol[],
  port: number,
  endPort: number,
): { readonly first: number; readonly last: number } {
  const icmp = kinds[0] === "ICMP" || kinds[0] === "ICMPv6";
  if (port === 0) return icmp ? { first: 0, last: 255 } : { first: 1, last: 65_535 };
  return { first: port, last: Math.max(port, endPort) };
}
