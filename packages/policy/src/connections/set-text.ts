import {
  type ConnectionSet,
  isEverything,
  isNothing,
  LIST_PROTOCOLS,
  type ListProtocol,
  NOTHING,
} from "./connection-set.js";
import { ALL_PORTS, type PortInterval, type PortSet, portSet, samePorts } from "./ports.js";

/**
 * As netpol-analyzer writes it: `All Connections`, `No Connections`, or
 * `SCTP 80,TCP 443,8000-9000,UDP 53`. A port that only its name is known of stands
 * behind the numbers of its protocol.
 */
export function connectionText(set: ConnectionSet): string {
  if (isEverything(set)) return "All Connections";
  if (isNothing(set)) return "No Connections";
  return ["", ...LIST_PROTOCOLS]
    .map((protocol) => {
      const numbers =
        protocol === ""
          ? []
          : set.ports[protocol as ListProtocol].map((part) => intervalText(part));
      const names = set.names
        .filter((name) => name.startsWith(`${protocol} `))
        .map((name) => name.slice(protocol.length + 1));
      const all = [...numbers, ...names];
      return all.length === 0 ? "" : `${protocol} ${all.join(",")}`;
    })
    .filter((text) => text !== "")
    .sort()
    .join(",");
}

/** As explanations write it: `TCP:[80,8000-9000], UDP, SCTP`; a protocol without ports is whole. */
export function protocolsText(set: ConnectionSet): string {
  return LIST_PROTOCOLS.filter((protocol) => set.ports[protocol].length > 0)
    .map((protocol) => {
      const ports = set.ports[protocol];
      return samePorts(ports, ALL_PORTS) ? protocol : `${protocol}:[${portsText(ports)}]`;
    })
    .join(", ");
}

export function portsText(ports: PortSet): string {
  return ports.map((part) => intervalText(part)).join(",");
}

/** Reads what `connectionText` writes; undefined for what is no such text. */
export function parseConnectionText(text: string): ConnectionSet | undefined {
  if (text === "No Connections") return NOTHING;
  if (text === "All Connections")
    return { ports: { TCP: ALL_PORTS, UDP: ALL_PORTS, SCTP: ALL_PORTS }, names: [] };
  const intervals: Record<ListProtocol, PortInterval[]> = { TCP: [], UDP: [], SCTP: [] };
  const names: string[] = [];
  let protocol = "";
  for (const token of text.split(",")) {
    const space = token.indexOf(" ");
    if (space >= 0) protocol = token.slice(0, space);
    const value = token.slice(space + 1);
    const numbers = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value);
    if (numbers === null) names.push(`${protocol} ${value}`);
    else if (protocol === "TCP" || protocol === "UDP" || protocol === "SCTP")
      intervals[protocol].push([Number(numbers[1]), Number(numbers[2] ?? numbers[1])]);
    else return undefined;
  }
  return {
    ports: {
      TCP: portSet(intervals.TCP),
      UDP: portSet(intervals.UDP),
      SCTP: portSet(intervals.SCTP),
    },
    names: names.sort(),
  };
}

function intervalText([first, last]: PortInterval): string {
  return first === last ? String(first) : `${first}-${last}`;
}
