import type { Decision, Outcome, RuleRef } from "../decision.js";
import type { Connection, Endpoint } from "../endpoint.js";
import type { Place } from "../place.js";
import type { Direction, Peer, Policy, PortMatch, Rule } from "../policy.js";
import type { Requirement } from "../selector.js";

/** Why a connection is allowed or denied, down to the clause of each rule. Plain data; equal input gives equal output. */
export interface DecisionExplanation {
  readonly connection: Connection;
  readonly decision: Decision;
  readonly egress: SideExplanation;
  readonly ingress: SideExplanation;
}

/** What the policies of one end say: egress is the source's, ingress the destination's. */
export interface SideExplanation {
  readonly direction: Direction;
  readonly outcome: Outcome;
  /** The end whose policies these are. */
  readonly endpoint: Endpoint;
  /** The other end, which the rules' peers are held against. */
  readonly peer: Endpoint;
  /** Policies that select the endpoint, in the order of `comparePolicies`. */
  readonly policies: readonly PolicyAccount[];
  /** Rules that decided, as in `SideDecision.by`. */
  readonly by: readonly RuleRef[];
  /** For a default denial: the rule that needs the least to allow it. Undefined when no rule ever could. */
  readonly nearest?: RuleAccount;
  /** What most likely misled the author, most likely first. Only for denials. */
  readonly hints: readonly Hint[];
}

/** One selecting policy and its rules of the direction. */
export interface PolicyAccount {
  readonly policy: Policy;
  /** Whether it makes deny the default in this direction. */
  readonly isolates: boolean;
  /** Its rules of this direction do not count, since its policyTypes leave the direction out. */
  readonly inert: boolean;
  readonly rules: readonly RuleAccount[];
}

/** What one rule says to the connection: it matches exactly when nothing fails. */
export interface RuleAccount {
  readonly policy: Policy;
  readonly rule: Rule;
  readonly matches: boolean;
  readonly peersMatch: boolean;
  readonly portsMatch: boolean;
  /**
   * What would have to change in the peer entry that is nearest, and in the
   * port entry that is nearest, and nothing more than that. Empty when the rule matches.
   */
  readonly failures: readonly Failure[];
  /** Failing requirements, with more for what cannot match at all: see `costOf`. */
  readonly cost: number;
}

/** One clause that fails. Which texts it makes is `wantedText` and `gotText`. */
export type Failure =
  /** A label that the endpoint lacks or has with another value. */
  | {
      readonly dimension: LabelDimension;
      readonly requirement: Requirement;
      readonly peer: Peer;
      readonly place: Place;
    }
  /** The peer entry names another kind of end: pods, where the end is an address; a CIDR, where it is a pod. */
  | {
      readonly dimension: "kind";
      readonly reason: KindReason;
      readonly peer: Peer;
      readonly place: Place;
    }
  | {
      readonly dimension: "cidr";
      readonly reason: "outside" | "excepted" | "no-such-group";
      readonly peer: Peer;
      readonly place: Place;
    }
  | { readonly dimension: "entity"; readonly peer: Peer; readonly place: Place }
  | {
      readonly dimension: "fqdn";
      readonly reason: "other-name" | "not-observed";
      readonly peer: Peer;
      readonly place: Place;
    }
  | {
      readonly dimension: "service";
      readonly reason: "no-such-service" | "no-backend";
      readonly peer: Peer;
      readonly place: Place;
    }
  /** A peer that nobody outside the data path can resolve. */
  | { readonly dimension: "unknown"; readonly peer: Peer; readonly place: Place }
  /** The rule has an empty list of peers or ports: it can match nothing. */
  | { readonly dimension: "nobody" | "no-port"; readonly place: Place }
  | { readonly dimension: "protocol" | "port"; readonly port: PortMatch; readonly place: Place }
  /** No container port of the destination has the name (`unresolved`), or it is another number (`other-number`). */
  | {
      readonly dimension: "named-port";
      readonly reason: "unresolved" | "other-number";
      readonly port: PortMatch;
      readonly place: Place;
    };

export type LabelDimension = "label" | "namespace" | "cluster" | "service-account";

export type KindReason =
  /** Selects pods; the end is an address outside the cluster, a node or another reserved identity. */
  | "not-a-pod"
  /** Pods of the host network are met as their node. */
  | "host-network"
  /** A CIDR, and the data plane never holds one against this kind of end. */
  | "not-by-cidr"
  /** The same, though the CIDR does hold the end's address: its author meant this end. */
  | "cidr-covers-pod"
  /** Node labels, or names of DNS, against an end that has none. */
  | "not-a-node"
  | "not-an-address";

/** The label of the endpoint that a requirement most likely meant. */
export interface NearLabel {
  readonly key: string;
  readonly value: string;
  /** `value`: same key, another value; `typo`: key or value differs by a slip of typing; `same-value`: the value stands under another key. */
  readonly by: "value" | "typo" | "same-value";
}

/** What most likely misled the author of a policy. */
export interface Hint {
  readonly code: HintCode;
  /** One sentence: what is so, and what to write instead. */
  readonly text: string;
  readonly policy?: Policy;
  readonly place?: Place;
}

export type HintCode =
  | "cidr-never-matches-pods"
  | "service-port"
  | "asked-for-service-port"
  | "named-port-unresolved"
  | "fqdn-not-observed"
  | "world-is-outside"
  | "cluster-is-inside"
  | "host-network"
  | "own-namespace-only"
  | "own-cluster-only"
  | "protocol-is-tcp"
  | "ports-exclude-icmp"
  | "rule-allows-nobody"
  | "rules-are-inert"
  | "isolates-without-rules"
  | "typo";
