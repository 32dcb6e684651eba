import type { PortMatch } from "../policy.js";

const EVERY_PORT = 65_535;

/**
 * How specific a port entry is for one port: 0 for all traffic, 8 for a whole
 * protocol, 24 for one port. A range counts by the largest aligned block of it
 * that holds the port, as Cilium cuts ranges into prefixes.
 */
export function prefixOf(port: PortMatch | "any", number: number): number {
  if (port === "any") return 0;
  if (port.of === "name") return 24;
  if (port.first <= 1 && port.last === EVERY_PORT) return port.protocols.includes("ICMP") ? 0 : 8;
  let bits = 0;
  while (bits < 16) {
    const size = 2 ** (bits + 1);
    const start = number - (number % size);
    if (start < port.first || start + size - 1 > port.last) break;
    bits++;
  }
  return 24 - bits;
}
