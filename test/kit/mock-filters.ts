/** The part of the filter language that the page's own tests need. The real one is the server's. */
import type { ApiError, FilterFlag, FlowRow, Peer } from "@dropscope/model";

export const FLAGS: FilterFlag[] = [
  {
    name: "--verdict",
    value: "verdict",
    help: "Only flows with this verdict",
    values: ["FORWARDED", "DROPPED", "AUDIT", "REDIRECTED", "ERROR"],
  },
  {
    name: "--namespace",
    short: "-n",
    value: "namespace",
    help: "Either end lies in this namespace",
    complete: "namespace",
  },
  {
    name: "--pod",
    value: "namespace/pod",
    help: "Either end is this pod; the name is a prefix",
    complete: "pod",
  },
  {
    name: "--from-namespace",
    value: "namespace",
    help: "The source lies in this namespace",
    complete: "namespace",
  },
  {
    name: "--to-namespace",
    value: "namespace",
    help: "The destination lies in this namespace",
    complete: "namespace",
  },
  {
    name: "--from-pod",
    value: "namespace/pod",
    help: "The source is this pod; the name is a prefix",
    complete: "pod",
  },
  {
    name: "--to-pod",
    value: "namespace/pod",
    help: "The destination is this pod; the name is a prefix",
    complete: "pod",
  },
  { name: "--to-port", value: "port", help: "Destination port" },
  { name: "--from-port", value: "port", help: "Source port" },
  {
    name: "--protocol",
    value: "protocol",
    help: "TCP, UDP, ICMPv4, HTTP, DNS …",
    values: ["tcp", "udp", "icmpv4", "icmpv6", "sctp", "http", "dns"],
  },
  {
    name: "--drop-reason-desc",
    value: "reason",
    help: "Only drops for this reason",
    values: ["POLICY_DENIED", "POLICY_DENY", "AUTH_REQUIRED"],
  },
  {
    name: "--from-identity",
    value: "identity",
    help: "Security identity of the source, number or reserved name",
  },
  {
    name: "--to-identity",
    value: "identity",
    help: "Security identity of the destination, number or reserved name",
  },
  { name: "--to-fqdn", value: "name", help: "DNS name of the destination" },
  { name: "--to-ip", value: "address", help: "Address or CIDR of the destination" },
  { name: "--not", value: "", help: "Turns the next flag around" },
];

interface Pair {
  flag: string;
  value: string;
  not: boolean;
  at: [number, number];
}

function pairs(filter: string): Pair[] {
  const found: Pair[] = [];
  const words = [...filter.matchAll(/\S+/g)];
  let not = false;
  for (let index = 0; index < words.length; index++) {
    const flag = words[index];
    if (!flag) break;
    if (flag[0] === "--not") {
      not = true;
      continue;
    }
    const value = words[++index]?.[0] ?? "";
    found.push({ flag: flag[0], value, not, at: [flag.index, flag.index + flag[0].length] });
    not = false;
  }
  return found;
}

export function filterError(filter: string): ApiError | undefined {
  for (const { flag, value, at } of pairs(filter)) {
    if (!FLAGS.some((known) => known.name === flag || known.short === flag)) {
      return {
        code: "FILTER_INVALID",
        message: `There is no flag ${flag}.`,
        next: "Type -- for the list.",
        at,
      };
    }
    if (flag === "--to-port" && !/^\d+$/.test(value)) {
      const start = at[1] + 1;
      return {
        code: "FILTER_INVALID",
        message: `"${value}" is not a port.`,
        next: "Give a number from 1 to 65535.",
        at: [start, start + value.length],
      };
    }
  }
  return undefined;
}

export function matches(row: FlowRow, filter: string): boolean {
  return pairs(filter).every((pair) => holds(row, pair) !== pair.not);
}

function holds(row: FlowRow, { flag, value, not }: Pair): boolean {
  if (flag === "--verdict") return row.verdict === value.toUpperCase();
  if (flag === "--to-port") return row.destinationPort === Number(value);
  if (flag === "--protocol") return row.protocol.toLowerCase() === value.toLowerCase();
  if (flag === "--namespace" || flag === "-n")
    return row.source.namespace === value || row.destination.namespace === value;
  if (flag === "--from-pod") return begins(row.source, row.sourcePod, value);
  if (flag === "--to-pod") return begins(row.destination, row.destinationPod, value);
  // What is not told apart here takes nothing out.
  return !not;
}

function begins(peer: Peer, pod: string, value: string): boolean {
  return pod !== "" && `${peer.namespace}/${pod}`.startsWith(value);
}
