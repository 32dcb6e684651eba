/** Why one flow was dropped (or, in audit mode, would have been). Plain data: it is stored, sent to the page and printed as it is. */
export interface DropExplanation {
  /** Of the flow that is explained; empty for one without. */
  readonly uuid: string;
  /** The flow's own time, RFC 3339 with nanoseconds. */
  readonly time: string;
  /** Whose policies decided: egress of the source, or ingress of the destination. Empty when the flow does not say and it cannot be told. */
  readonly direction: "ingress" | "egress" | "";
  readonly outcome: DropOutcome;
  /** Policies that put the endpoint into default deny in that direction, or deny it there. */
  readonly selecting: readonly PolicyName[];
  /** Rules that denied, where a rule did. */
  readonly denying: readonly (PolicyName & { readonly rule: string })[];
  /** The allow rule that came nearest. */
  readonly nearest: NearestRule | null;
  /** Whether our own judgement and Cilium's attribution name the same: `cilium-silent` where Cilium names none. */
  readonly agreement: Agreement;
  /** One plain sentence for a person. */
  readonly sentence: string;
  /** What an operator does next; one sentence, empty when nothing sensible can be said. */
  readonly next: string;
  /** The drop reason's name (`POLICY_DENIED`), empty when the flow has none. */
  readonly reason: string;
  /** The flow was forwarded, audit mode only reported it. */
  readonly audited: boolean;
  /** A change of a policy or of labels that explains the drop or came just before it. */
  readonly change: ChangeMark | null;
  /** Where the clauses that decided stand in the policies as they were then. */
  readonly places: readonly ClausePlace[];
}

export const DROP_OUTCOMES = [
  "default-deny",
  "denied-by-rule",
  "l7-denied",
  "auth-required",
  "not-policy",
  "policy-changed",
  "unexplained",
] as const;
export type DropOutcome = (typeof DROP_OUTCOMES)[number];

export const AGREEMENTS = ["same", "differs", "cilium-silent"] as const;
export type Agreement = (typeof AGREEMENTS)[number];

export interface PolicyName {
  readonly kind: string;
  /** Empty for clusterwide kinds. */
  readonly namespace: string;
  readonly name: string;
}

export interface NearestRule {
  /** `namespace/name`, or the name alone for clusterwide kinds. */
  readonly policy: string;
  /** Path of the rule in its object: `spec.ingress[0]`. */
  readonly rule: string;
  readonly failed: readonly FailedClause[];
}

export interface FailedClause {
  readonly part: "peer" | "port" | "protocol" | "cidr-except" | "fqdn" | "entity" | "l7";
  readonly wanted: string;
  readonly got: string;
}

/** Something in the cluster's state that changed. */
export interface ChangeMark {
  /** RFC 3339. */
  readonly time: string;
  readonly what: "policy" | "namespace" | "pod" | "service" | "cidr-group";
  readonly action: "added" | "changed" | "removed";
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface ClausePlace {
  readonly policy: PolicyName;
  /** Path within the object. */
  readonly path: string;
  /** `file:line`, or empty for an object that came from the API server. */
  readonly source: string;
  readonly role: "denies" | "isolates" | "nearest" | "allows";
}
