import type { Connection, Endpoint } from "../endpoint.js";
import type { MatchContext } from "../match/context.js";
import { isBackend } from "../match/service.js";
import type { Service, ServicePort } from "../objects.js";
import type { PortMatch } from "../policy.js";
import type { Failure, RuleAccount } from "./explanation.js";
import type { HintText } from "./peer-hints.js";
import { connectionText, endText, isIcmp, portText } from "./text.js";

/** What a failure of the ports most likely comes from. */
export function portHint(
  failure: Failure,
  { policy, rule }: RuleAccount,
  connection: Connection,
  context: MatchContext,
): HintText | undefined {
  const ports = rule.ports === "any" ? [] : rule.ports;
  switch (failure.dimension) {
    case "named-port":
      return namedPortHint(failure, connection);
    case "protocol":
      if (isIcmp(connection.protocol))
        return {
          code: "ports-exclude-icmp",
          text: `${rule.place.path} lists ports, and a rule with ports allows no ${connection.protocol}${policy.kind.startsWith("Cilium") ? "; add a rule with icmps" : ""}.`,
        };
      return policy.kind === "NetworkPolicy" ? tcpHint(failure.port, connection) : undefined;
    case "port":
      return serviceHint(ports, connection, context);
    default:
      return undefined;
  }
}

function namedPortHint(
  { port, reason }: Extract<Failure, { dimension: "named-port" }>,
  { to }: Connection,
): HintText | undefined {
  if (reason !== "unresolved" || port.of !== "name") return undefined;
  const names = [...new Set(to.ports.map(({ name }) => name))].filter((name) => name !== "");
  const known = names.length === 0 ? "it names none" : `it names ${names.slice(0, 4).join(", ")}`;
  return {
    code: "named-port-unresolved",
    text: `The port name ${JSON.stringify(port.name)} is looked up among the container ports of ${endText(to)}, and ${known}; an entry whose name is not found matches nothing.`,
  };
}

function tcpHint(port: PortMatch, { protocol }: Connection): HintText | undefined {
  if (port.protocols.length !== 1 || port.protocols[0] !== "TCP") return undefined;
  return {
    code: "protocol-is-tcp",
    text: `${portText(port)} is TCP alone, as is every entry that writes no protocol; for ${protocol} it needs an entry of its own with protocol: ${protocol}.`,
  };
}

/** The rule allows the Service's port, and policies see the port of the pod; or the other way round. */
function serviceHint(
  ports: readonly PortMatch[],
  connection: Connection,
  context: MatchContext,
): HintText | undefined {
  const { to, protocol, port } = connection;
  if (to.kind !== "pod") return undefined;
  const holds = (number: number): boolean =>
    ports.some(
      (entry) =>
        entry.of === "number" &&
        entry.protocols.includes(protocol) &&
        entry.first <= number &&
        number <= entry.last,
    );
  for (const service of context.services) {
    if (service.namespace !== to.namespace || !isBackend(service, to)) continue;
    for (const entry of service.ports) {
      if (entry.protocol !== protocol) continue;
      const target = targetNumber(entry, to);
      if (target === undefined || target === entry.port) continue;
      if (target === port && holds(entry.port))
        return {
          code: "service-port",
          text: `${entry.port} is the port of Service ${name(service)}, which leads to port ${target} of ${to.name}; policies see the port of the pod: write ${target}.`,
        };
      if (entry.port === port && holds(target))
        return {
          code: "asked-for-service-port",
          text: `${connectionText(connection)} is the port of Service ${name(service)}, and policies see the port of the pod behind it, ${target}, which the rule allows.`,
        };
    }
  }
  return undefined;
}

const name = (service: Service): string => `${service.namespace}/${service.name}`;

/** The number that a Service's port leads to at a pod: a name is looked up among its container ports. */
export function targetNumber(
  { targetPort, protocol }: ServicePort,
  pod: Endpoint,
): number | undefined {
  if (typeof targetPort === "number") return targetPort;
  return pod.ports.find((one) => one.name === targetPort && one.protocol === protocol)?.port;
}
