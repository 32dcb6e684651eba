import type { Connection } from "@dropscope/policy";

/** One protocol and port as policies write them. */
export interface PortText {
  /** `TCP 8443`. */
  readonly words: string;
  /** Entries of a NetworkPolicy's `ports`; undefined: it has no word for it (ICMP). */
  readonly network: readonly unknown[] | undefined;
  /** `toPorts` or `icmps` of a Cilium rule. */
  readonly cilium: Readonly<Record<string, unknown>>;
  /** One entry of `toPorts[].ports`; undefined for ICMP. */
  readonly ciliumPort: unknown;
}

/** Resolvers answer in TCP what does not fit into UDP: a rule for one of them is half a rule. */
const DNS_PORT = 53;

export function portText({ protocol, port }: Pick<Connection, "protocol" | "port">): PortText {
  if (protocol === "ICMP" || protocol === "ICMPv6") {
    const family = protocol === "ICMP" ? "IPv4" : "IPv6";
    return {
      words: `${protocol} type ${port}`,
      network: undefined,
      cilium: { icmps: [{ fields: [{ type: port, family }] }] },
      ciliumPort: undefined,
    };
  }
  const isDns = port === DNS_PORT && protocol !== "SCTP";
  const protocols = isDns ? ["UDP", "TCP"] : [protocol];
  return {
    words: `${protocols.join(" and ")} ${port}`,
    network: protocols.map((one) => ({ protocol: one, port })),
    cilium: {
      toPorts: [{ ports: protocols.map((one) => ({ port: String(port), protocol: one })) }],
    },
    ciliumPort: { port: String(port), protocol },
  };
}
