import type { Direction } from "./rules.js";

/** A file of policies that is in force. */
export interface PolicyFile {
  /** Its path within the folder. */
  readonly name: string;
  readonly text: string;
}

/** One end of a connection, as the agent of the judging node knows it. */
export interface AskedEnd {
  readonly kind: "pod" | "host" | "remote-node" | "reserved" | "address";
  /** `namespace/name` of a pod, the address of what is outside. */
  readonly name: string;
  /** Empty for everything but pods. */
  readonly namespace: string;
  /** As Hubble prints them: `k8s:app=cart`. */
  readonly labels: readonly string[];
  readonly address: string;
  /** DNS names that were seen to resolve to the address. */
  readonly names: readonly string[];
  readonly ports: readonly {
    readonly name: string;
    readonly port: number;
    readonly protocol: "TCP" | "UDP";
  }[];
}

/** A new connection, of which one direction is judged at the end whose policies they are. */
export interface AskedConnection {
  readonly direction: Direction;
  readonly from: AskedEnd;
  readonly to: AskedEnd;
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
}

/** What a policy engine says of a connection. */
export interface EngineVerdict {
  readonly decision: "unpoliced" | "allow" | "redirect" | "default-deny" | "deny-rule";
  /** Rules that decided; empty where none did. */
  readonly by: readonly {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    /** The file that the policy stands in. */
    readonly file: string;
    /** The rule names peers (else anybody); the rule names ports (else all). */
    readonly peers: boolean;
    readonly ports: boolean;
  }[];
}

/**
 * Whoever knows the policy language in full: with one the simulated data path obeys whatever
 * policies it is given, without one it knows the shop's own.
 */
export interface PolicyEngine {
  /** Why an API server would refuse what the file says, in one sentence; empty when it would not. */
  refusal(file: PolicyFile): string;
  /** @param files every policy that is in force, and the cluster's own objects */
  judgeBy(files: readonly PolicyFile[]): (asked: AskedConnection) => EngineVerdict;
}
