import type { Selector } from "./selector.js";
import type { Place } from "./place.js";

/**
 * A policy in normal form: every kind that dropscope knows is compiled into this
 * one shape, and everything downstream (evaluation, explanation, lint, export)
 * works on it alone. A CiliumNetworkPolicy with several `specs` becomes several
 * of them that share a name.
 */
export interface Policy {
  readonly kind: PolicyKind;
  readonly name: string;
  /** Empty for clusterwide policies. */
  readonly namespace: string;
  readonly uid?: string;
  /** Which of a Cilium policy's specs: 0 for `spec`, then the entries of `specs`. */
  readonly specIndex: number;
  readonly tier: Tier;
  /** Lower comes first within a tier. 0 for kinds that have no priority. */
  readonly priority: number;
  readonly subject: Subject;
  /**
   * Directions in which endpoints that it selects are denied by default. Never
   * set for the admin and baseline tiers: they do not isolate.
   */
  readonly isolates: Readonly<Record<Direction, boolean>>;
  /** In the order in which they are written; that order counts in the admin and baseline tiers. */
  readonly rules: readonly Rule[];
  /** Where the object stands (its first line). */
  readonly place: Place;
}

export type PolicyKind =
  | "NetworkPolicy"
  | "CiliumNetworkPolicy"
  | "CiliumClusterwideNetworkPolicy"
  /** policy.networking.k8s.io/v1alpha1 */
  | "AdminNetworkPolicy"
  | "BaselineAdminNetworkPolicy"
  /** policy.networking.k8s.io/v1alpha2 */
  | "ClusterNetworkPolicy";

export type Direction = "ingress" | "egress";

export type Tier = "admin" | "normal" | "baseline";

/** Whom a policy is about. */
export type Subject =
  | { readonly of: "pods"; readonly selector: Selector; readonly place: Place }
  /** Host endpoints (`nodeSelector`): no pod is meant. */
  | { readonly of: "nodes"; readonly selector: Selector; readonly place: Place };

/** One rule: a peer AND a port must match; `action` says what then. */
export interface Rule {
  readonly direction: Direction;
  /** The list it stands in. */
  readonly section: "ingress" | "ingressDeny" | "egress" | "egressDeny";
  /** Counts from 0 within its section. */
  readonly index: number;
  /** The rule's own name, which only the admin and baseline kinds give. */
  readonly name?: string;
  readonly action: "allow" | "deny" | "pass";
  /** OR. `"any"`: not restricted by peer, addresses outside the cluster included. Empty: nobody. */
  readonly peers: readonly Peer[] | "any";
  /** OR. `"any"`: every port and protocol, ICMP included. Empty: none. */
  readonly ports: readonly PortMatch[] | "any";
  readonly authentication?: "required" | "disabled" | "test-always-fail";
  /** Nobody wrote it: the data plane adds it to the rule at this place, which has the same index. */
  readonly derived?: true;
  readonly place: Place;
}

/** One entry of `from` or `to`, or of one of Cilium's L3 lists. */
export type Peer =
  /** Pods (and, in Cilium, any identity) by labels; namespace and cluster conditions are among the requirements. */
  | { readonly of: "endpoints"; readonly selector: Selector; readonly place: Place }
  | {
      readonly of: "cidr";
      readonly cidr: string;
      readonly except: readonly string[];
      readonly place: Place;
    }
  | {
      readonly of: "cidr-group";
      readonly group: CidrGroupRef;
      readonly except: readonly string[];
      readonly place: Place;
    }
  | { readonly of: "entity"; readonly entity: Entity; readonly place: Place }
  | { readonly of: "fqdn"; readonly name: FqdnMatch; readonly place: Place }
  /** Nodes by their labels: `fromNodes`, `toNodes`, the `nodes` peer of admin kinds. */
  | { readonly of: "nodes"; readonly selector: Selector; readonly place: Place }
  | { readonly of: "service"; readonly service: ServiceRef; readonly place: Place }
  /** What nobody outside the data path can resolve (`toGroups`, a peer kind of a newer API): matches nobody, denies everybody. */
  | { readonly of: "unknown"; readonly what: string; readonly place: Place };

export type CidrGroupRef = { readonly name: string } | { readonly selector: Selector };

export type ServiceRef =
  | { readonly name: string; readonly namespace: string }
  | { readonly selector: Selector; readonly namespace: string };

export type FqdnMatch =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "pattern"; readonly pattern: string };

export type Entity =
  | "all"
  | "world"
  | "world-ipv4"
  | "world-ipv6"
  | "cluster"
  | "host"
  | "remote-node"
  | "kube-apiserver"
  | "ingress"
  | "init"
  | "health"
  | "unmanaged"
  | "none";

/** What a connection is carried by, as policies name it. ICMP's "port" is its type. */
export type Protocol = "TCP" | "UDP" | "SCTP" | "ICMP" | "ICMPv6";

/** One port entry. A Cilium entry without protocol has all three of TCP, UDP and SCTP. */
export type PortMatch =
  | {
      readonly of: "number";
      readonly protocols: readonly Protocol[];
      /** Inclusive; 1–65535 for "every port", 0–255 for ICMP types. */
      readonly first: number;
      readonly last: number;
      readonly l7?: L7Rules;
      readonly place: Place;
    }
  | {
      readonly of: "name";
      readonly protocols: readonly Protocol[];
      /** Looked up among the container ports of the *destination* pod. */
      readonly name: string;
      readonly l7?: L7Rules;
      readonly place: Place;
    };

/** L7 part of a port entry: it makes an allow a redirect to the proxy. */
export interface L7Rules {
  readonly kind: "http" | "dns" | "kafka" | "other" | "sni" | "listener";
  readonly http: readonly HttpMatch[];
  readonly dns: readonly FqdnMatch[];
  readonly place: Place;
}

/** Texts are extended POSIX regular expressions on the whole value, as in Envoy; never run as JS regex unbounded. */
export interface HttpMatch {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers: readonly string[];
}
