import type { Flow } from "@dropscope/model";
import type { DnsClient } from "./client.js";
import type { DnsServer } from "./servers.js";

/** What every observation has. Times are ms since 1970, fractions count. */
interface Base {
  readonly time: number;
  readonly uuid: string;
  /** As Hubble names it; empty when the flow does not. */
  readonly node: string;
  readonly client: DnsClient;
  /**
   * What kind of event told it. One packet is told by several; those of one layer are different
   * packets, so that the number of packets is that of the layer that told most.
   */
  readonly layer: string;
  readonly flow: Flow;
}

interface OfServer extends Base {
  readonly server: DnsServer;
  /** The client's socket, `address:port`; empty when it is not told. */
  readonly socket: string;
  readonly protocol: "UDP" | "TCP";
  /** At the server. */
  readonly port: number;
}

/** A packet towards a resolver was dropped. */
export interface DroppedQuery extends OfServer {
  readonly kind: "dropped-query";
  /** Undefined when the flow does not say. */
  readonly direction: "egress" | "ingress" | undefined;
  /** Drop reason number. */
  readonly reason: number;
}

/** A packet towards a resolver was let through. */
export interface PassedQuery extends OfServer {
  readonly kind: "passed-query";
  /** Handed to the DNS proxy. */
  readonly redirected: boolean;
  /** Told by a trace event: whoever reports those reports the reply as well. */
  readonly traced: boolean;
}

/** A packet of a resolver to the client. */
export interface Reply extends OfServer {
  readonly kind: "reply";
  readonly dropped: boolean;
}

/** What the DNS proxy logged of a query. */
export interface Request extends OfServer {
  readonly kind: "request";
  readonly query: string;
  readonly types: string;
  /** The proxy refused it. */
  readonly refused: boolean;
}

/** What the DNS proxy logged of an answer. */
export interface Answer extends OfServer {
  readonly kind: "answer";
  readonly query: string;
  readonly types: string;
  readonly rcode: number;
  readonly ips: readonly string[];
  /** Seconds. */
  readonly ttl: number;
  readonly refused: boolean;
}

/** Something else of a client was dropped; `outside` when it was on its way to an address outside the cluster. */
export interface OtherDrop extends Base {
  readonly kind: "other-drop";
  readonly outside?: {
    readonly address: string;
    readonly protocol: "TCP" | "UDP" | "SCTP";
    readonly port: number;
    /** Names that the agent gave the address. */
    readonly names: readonly string[];
  };
}

export type Observation = DroppedQuery | PassedQuery | Reply | Request | Answer | OtherDrop;
