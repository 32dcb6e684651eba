import type { Connection } from "@dropscope/policy";
import { groupBy } from "./group.js";

type Protocol = Connection["protocol"];

/** Ports of one protocol, inclusive; types for ICMP. */
export interface PortRange {
  readonly protocol: Protocol;
  readonly first: number;
  readonly last: number;
}

/** So many ports in a row, all of them seen, are written as a range. */
const RANGE_FROM = 3;
const ALL = { first: 1, last: 65_535 };
const WITH_PORTS: readonly Protocol[] = ["TCP", "UDP", "SCTP"];

/** Protocols in the order of the alphabet, ports ascending: single ports, and ranges where all between was seen. */
export function portRanges(asked: Iterable<PortRange>): PortRange[] {
  const byProtocol = groupBy(asked, ({ protocol }) => protocol);
  return [...byProtocol.keys()].toSorted().flatMap((protocol) => {
    const sorted = (byProtocol.get(protocol) ?? []).toSorted((a, b) => a.first - b.first);
    const joined: PortRange[] = [];
    for (const range of sorted) {
      const last = joined.at(-1);
      if (last !== undefined && range.first <= last.last + 1)
        joined[joined.length - 1] = { ...last, last: Math.max(last.last, range.last) };
      else joined.push({ protocol: range.protocol, first: range.first, last: range.last });
    }
    return joined.flatMap((range) =>
      range.last - range.first + 1 < RANGE_FROM ? singles(range) : range,
    );
  });
}

function singles({ protocol, first, last }: PortRange): PortRange[] {
  return Array.from({ length: last - first + 1 }, (_, at) => ({
    protocol: protocol,
    first: first + at,
    last: first + at,
  }));
}

export function isWholeProtocol({ protocol, first, last }: PortRange): boolean {
  return WITH_PORTS.includes(protocol) && first <= ALL.first && last >= ALL.last;
}

/** Every port of every protocol that has ports. */
export function isEverything(ranges: readonly PortRange[]): boolean {
  return WITH_PORTS.every((protocol) =>
    ranges.some((range) => range.protocol === protocol && isWholeProtocol(range)),
  );
}

/** `TCP 80, 443 and 8000-8005`, `UDP and TCP 53`, `any port`. */
export function portsText(ranges: readonly PortRange[]): string {
  if (isEverything(ranges)) return "any port";
  const byPorts = new Map<string, string[]>();
  for (const [protocol, some] of groupBy(ranges, (range) => range.protocol)) {
    const ports = some.some(isWholeProtocol) ? "" : listed(some.map(rangeText));
    const text = protocol.startsWith("ICMP") ? `type ${ports}` : ports;
    byPorts.set(text, [...(byPorts.get(text) ?? []), protocol]);
  }
  return listed([...byPorts].map(([ports, protocols]) => `${listed(protocols)} ${ports}`.trim()));
}

const rangeText = ({ first, last }: PortRange): string =>
  first === last ? String(first) : `${first}-${last}`;

/** At most so many are named. */
const MOST_NAMED = 4;

export function listed(all: readonly string[], most = MOST_NAMED): string {
  const named = all.length > most + 1 ? all.slice(0, most) : all;
  const more = all.length - named.length;
  if (more > 0) return `${named.join(", ")} and ${more} more`;
  return named.length < 2
    ? named.join("")
    : `${named.slice(0, -1).join(", ")} and ${named.at(-1) ?? ""}`;
}
