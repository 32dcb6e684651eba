import {
  ALL_PORTS,
  hasPort,
  intersectPorts,
  NO_PORTS,
  type PortSet,
  samePorts,
  subtractPorts,
  unitePorts,
} from "./ports.js";

/** The protocols that a connection list knows. ICMP is left out, as it has no ports. */
export type ListProtocol = "TCP" | "UDP" | "SCTP";

export const LIST_PROTOCOLS: readonly ListProtocol[] = ["TCP", "UDP", "SCTP"];

/** Everything that two ends may say to each other: exact, over all ports of all three protocols. */
export interface ConnectionSet {
  readonly ports: Readonly<Record<ListProtocol, PortSet>>;
  /**
   * Ports by name that no destination has resolved yet, since it is only known by its labels.
   * Each is protocol, space, name; the protocol is empty when the policy names none. Sorted.
   */
  readonly names: readonly string[];
}

export const NOTHING: ConnectionSet = {
  ports: { TCP: NO_PORTS, UDP: NO_PORTS, SCTP: NO_PORTS },
  names: [],
};

export const EVERYTHING: ConnectionSet = {
  ports: { TCP: ALL_PORTS, UDP: ALL_PORTS, SCTP: ALL_PORTS },
  names: [],
};

export function unite(a: ConnectionSet, b: ConnectionSet): ConnectionSet {
  if (a === NOTHING) return b;
  if (b === NOTHING) return a;
  return {
    ports: perProtocol(a, b, unitePorts),
    names: [...new Set([...a.names, ...b.names])].sort(),
  };
}

/** A name stays when the other side has it too, or has every port that it could stand for. */
export function intersect(a: ConnectionSet, b: ConnectionSet): ConnectionSet {
  if (a === EVERYTHING) return b;
  if (b === EVERYTHING) return a;
  const names = [
    ...a.names.filter((name) => b.names.includes(name) || coversName(b, name)),
    ...b.names.filter((name) => coversName(a, name)),
  ];
  return { ports: perProtocol(a, b, intersectPorts), names: [...new Set(names)].sort() };
}

export function subtract(a: ConnectionSet, b: ConnectionSet): ConnectionSet {
  if (b === NOTHING) return a;
  const names = a.names.filter((name) => !b.names.includes(name) && !coversName(b, name));
  return { ports: perProtocol(a, b, subtractPorts), names };
}

export function includes(set: ConnectionSet, protocol: ListProtocol, port: number): boolean {
  return hasPort(set.ports[protocol], port);
}

/** How many ports it has, of all protocols; a name that nobody resolved counts as one. */
export function connectionCount({ ports, names }: ConnectionSet): number {
  let count = names.length;
  for (const protocol of LIST_PROTOCOLS)
    for (const [first, last] of ports[protocol]) count += last - first + 1;
  return count;
}

export function isNothing(set: ConnectionSet): boolean {
  return set.names.length === 0 && LIST_PROTOCOLS.every((name) => set.ports[name].length === 0);
}

export function isEverything(set: ConnectionSet): boolean {
  return LIST_PROTOCOLS.every((name) => samePorts(set.ports[name], ALL_PORTS));
}

export function sameConnections(a: ConnectionSet, b: ConnectionSet): boolean {
  if (isEverything(a) && isEverything(b)) return true;
  return (
    LIST_PROTOCOLS.every((name) => samePorts(a.ports[name], b.ports[name])) &&
    a.names.length === b.names.length &&
    a.names.every((name, i) => name === b.names[i])
  );
}

/** Ports of one protocol, all other protocols empty. */
export function ofProtocol(protocol: ListProtocol, ports: PortSet): ConnectionSet {
  return { ports: { ...NOTHING.ports, [protocol]: ports }, names: [] };
}

function coversName({ ports }: ConnectionSet, name: string): boolean {
  const protocol = name.slice(0, name.indexOf(" "));
  const wanted = LIST_PROTOCOLS.filter((known) => protocol === "" || protocol === known);
  return wanted.every((known) => samePorts(ports[known], ALL_PORTS));
}

function perProtocol(
  a: ConnectionSet,
  b: ConnectionSet,
  combine: (a: PortSet, b: PortSet) => PortSet,
): ConnectionSet["ports"] {
  return {
    TCP: combine(a.ports.TCP, b.ports.TCP),
    UDP: combine(a.ports.UDP, b.ports.UDP),
    SCTP: combine(a.ports.SCTP, b.ports.SCTP),
  };
}
