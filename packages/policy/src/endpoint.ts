import type { EndpointLabels } from "./labels.js";
import type { Protocol } from "./policy.js";

/** One end of a connection as policies see it. */
export interface Endpoint {
  readonly kind:
    | "pod"
    /** The node itself and its host-network pods. */
    | "host"
    | "remote-node"
    /** health, ingress, init, unmanaged and the like. */
    | "reserved"
    /** An address that no endpoint or node of the cluster owns. */
    | "address";
  /** How answers name it: `ns/name`, `host`, `10.1.2.3`. */
  readonly name: string;
  /** Empty for everything but pods. */
  readonly namespace: string;
  /** Flat and sourced (`k8s:app=web`, `reserved:host`); namespace labels, service account and cluster included. */
  readonly labels: EndpointLabels;
  readonly addresses: readonly string[];
  readonly ports: readonly NamedPort[];
  /** DNS names that were observed to resolve to the address; lower case, no trailing dot. */
  readonly fqdns: readonly string[];
  /** Pods of the host network are ends that policies do not select. */
  readonly hostNetwork: boolean;
  /** Whether it belongs to the cluster whose policies are judged: a pod of another cluster is a peer, never a subject. */
  readonly local: boolean;
}

export interface NamedPort {
  readonly name: string;
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly port: number;
}

/** A new connection; replies are never judged. */
export interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly protocol: Protocol;
  /** At the destination, after Service translation; the type for ICMP. */
  readonly port: number;
}
