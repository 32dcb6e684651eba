import type { Endpoint } from "../endpoint.js";
import type { PortMatch, Protocol, Rule } from "../policy.js";

/** Whether one of the rule's port entries matches. A rule without entries matches no port. */
export function matchesPorts(
  rule: Rule,
  protocol: Protocol,
  number: number,
  destination: Endpoint,
): boolean {
  return (
    rule.ports === "any" ||
    rule.ports.some((port) => matchesPort(port, protocol, number, destination))
  );
}

/** `number` is the port at the destination, or the ICMP type. Named ports are the destination's. */
export function matchesPort(
  port: PortMatch,
  protocol: Protocol,
  number: number,
  destination: Endpoint,
): boolean {
  if (!port.protocols.includes(protocol)) return false;
  if (port.of === "number") return port.first <= number && number <= port.last;
  return destination.ports.some(
    (named) => named.name === port.name && named.protocol === protocol && named.port === number,
  );
}
