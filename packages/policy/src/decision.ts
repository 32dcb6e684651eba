import type { Direction, Policy, Rule, Tier } from "./policy.js";

/** What one side's policies say. */
export type Outcome =
  | "allowed"
  /** Allowed, and handed to the L7 proxy, which may refuse the request. */
  | "redirected"
  /** A deny rule matched. */
  | "denied"
  /** The endpoint is isolated and no rule allowed it. */
  | "default-denied"
  /** Nothing selects the endpoint in this direction. */
  | "not-enforced"
  /** The end is none that policies can select: an address, a foreign or host-network pod. */
  | "no-endpoint";

export interface SideDecision {
  readonly direction: Direction;
  readonly outcome: Outcome;
  /** Rules that decided, in a stable order. Empty for default denial, `not-enforced`, `no-endpoint` and derived rules. */
  readonly by: readonly RuleRef[];
  /**
   * Rules that did not decide and that Cilium names all the same, because they
   * have peer and port in common with one that did. Absent when there are none.
   */
  readonly alsoNamed?: readonly RuleRef[];
  /**
   * A rule that nobody wrote and that the data path synthesises:
   * `allow-localhost-ingress`, `allow-any-ingress`, `allow-any-egress`, `deny-any-ingress`, `deny-any-egress`.
   */
  readonly derived?: string;
  /** The connection must first be authenticated mutually. */
  readonly authentication?: "required" | "test-always-fail";
  readonly tier?: Tier;
}

/** A rule and the policy it stands in. */
export interface RuleRef {
  readonly policy: Policy;
  readonly rule: Rule;
}

export interface Decision {
  readonly allowed: boolean;
  readonly egress: SideDecision;
  readonly ingress: SideDecision;
}

export function isDenial(outcome: Outcome): boolean {
  return outcome === "denied" || outcome === "default-denied";
}
