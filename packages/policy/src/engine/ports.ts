import type { NamedPort } from "../endpoint.js";
import type { PortMatch, Protocol } from "../policy.js";

export const PROTOCOL_BITS: Readonly<Record<Protocol, number>> = {
  TCP: 1,
  UDP: 2,
  SCTP: 4,
  ICMP: 8,
  ICMPv6: 16,
};

export const PROTOCOL_INDEX: Readonly<Record<Protocol, number>> = {
  TCP: 0,
  UDP: 1,
  SCTP: 2,
  ICMP: 3,
  ICMPv6: 4,
};

export const PROTOCOLS = Object.keys(PROTOCOL_INDEX) as Protocol[];
const PORTS = 65_536;

/**
 * Ports that no policy and no named port tells apart share one number: the lowest
 * of them. Decisions are kept under that number, so that ephemeral ports do not
 * fill the cache. A new boundary splits a class and leaves the lower part its
 * number, so that nothing that was kept becomes wrong.
 */
export interface PortClasses {
  /** One table for all protocols: `PROTOCOL_INDEX[protocol] << 16 | port` → `… | lowest port of the class`. */
  readonly table: Uint32Array;
  add(port: PortMatch): void;
  addNamed(port: NamedPort): void;
}

export function createPortClasses(): PortClasses {
  const table = new Uint32Array(PROTOCOLS.length * PORTS);
  for (let index = 0; index < PROTOCOLS.length; index++)
    table.fill(index * PORTS, index * PORTS, (index + 1) * PORTS);

  const split = (protocol: Protocol, port: number): void => {
    if (port <= 0 || port >= PORTS) return;
    const first = PROTOCOL_INDEX[protocol] * PORTS + port;
    const before = table[first];
    if (before === first) return;
    const end = (PROTOCOL_INDEX[protocol] + 1) * PORTS;
    for (let at = first; at < end && table[at] === before; at++) table[at] = first;
  };
  const bound = (protocols: readonly Protocol[], first: number, last: number): void => {
    for (const protocol of protocols)
      for (const start of blockStarts(first, last)) split(protocol, start);
  };
  return {
    table,
    add: (port) => {
      if (port.of === "number") bound(port.protocols, port.first, port.last);
    },
    addNamed: ({ protocol, port }) => bound([protocol], port, port),
  };
}

/**
 * Where a range is cut: its ends, and the aligned blocks of powers of two between
 * them, because how specific a range is for a port depends on the block that the
 * port lies in. Every port of a protocol counts as one block.
 */
function blockStarts(first: number, last: number): number[] {
  const starts: number[] = [];
  let at = first;
  if (first <= 1 && last === PORTS - 1) return [first];
  while (at <= last && at < PORTS) {
    starts.push(at);
    let size = 1;
    while (at % (size * 2) === 0 && at + size * 2 - 1 <= last && size < PORTS) size *= 2;
    at += size;
  }
  return [...starts, at];
}
