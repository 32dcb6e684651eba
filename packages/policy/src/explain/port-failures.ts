import type { Connection } from "../endpoint.js";
import { matchesPort } from "../match/port.js";
import type { PortMatch, Rule } from "../policy.js";
import { cheapest } from "./cost.js";
import type { Failure } from "./explanation.js";

const NONE: readonly Failure[] = [];

/** What keeps the rule's ports from matching: the failures of the port entry that is nearest; empty when one matches. */
export function portsFailures(rule: Rule, connection: Connection): readonly Failure[] {
  const { ports } = rule;
  if (ports === "any") return NONE;
  if (ports.length === 0) return [{ dimension: "no-port", place: rule.place }];
  return cheapest(ports, (port) => portFailures(port, connection));
}

/** What keeps one port entry from matching; empty exactly when `matchesPort` holds. */
export function portFailures(port: PortMatch, connection: Connection): readonly Failure[] {
  const { protocol, port: number, to } = connection;
  if (matchesPort(port, protocol, number, to)) return NONE;
  const { place } = port;
  const failures: Failure[] = [];
  if (!port.protocols.includes(protocol)) failures.push({ dimension: "protocol", port, place });
  if (port.of === "number") {
    if (number < port.first || number > port.last)
      failures.push({ dimension: "port", port, place });
    return failures;
  }
  // The name counts for the connection's protocol only: `http` of UDP is not `http` of TCP.
  const named = to.ports.filter((one) => one.name === port.name && one.protocol === protocol);
  if (!named.some((one) => one.port === number))
    failures.push({
      dimension: "named-port",
      reason: named.length === 0 ? "unresolved" : "other-number",
      port,
      place,
    });
  return failures;
}
