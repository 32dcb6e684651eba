export type PolicyKind = "NetworkPolicy" | "CiliumNetworkPolicy" | "CiliumClusterwideNetworkPolicy";

export type Direction = "ingress" | "egress";

/** One spec of a policy object: whom it is about, and the directions in which it makes deny the default. */
export interface Policy {
  readonly kind: PolicyKind;
  readonly name: string;
  /** Empty for clusterwide policies. */
  readonly namespace: string;
  readonly subject: Subject;
  /** Directions in which endpoints that it selects are denied by default. */
  readonly isolates: Readonly<Record<Direction, boolean>>;
  readonly place: Place;
}

/** Where in the source a thing stands; lines count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export type Subject =
  | { readonly of: "pods"; readonly selector: LabelSelector }
  /** Host endpoints (`nodeSelector`): no pod is meant. */
  | { readonly of: "nodes"; readonly selector: LabelSelector };

export interface LabelSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly LabelExpression[];
}

export interface LabelExpression {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values: readonly string[];
}

/** A document that is not a valid policy. The others of the same file still count. */
export interface PolicyProblem {
  readonly code: "YAML" | "TOO_LARGE" | "NOT_AN_OBJECT" | "NO_NAME" | "BAD_SELECTOR" | "BAD_SPEC";
  readonly message: string;
  readonly place: Place;
}
