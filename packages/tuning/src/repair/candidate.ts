import type { FixKind } from "@dropscope/model";
import type { PatchOperation, Policy } from "@dropscope/policy";

export type PolicyId = Pick<Policy, "kind" | "namespace" | "name">;

/** An edit to try. */
export interface Candidate {
  readonly kind: FixKind;
  readonly policy: PolicyId;
  /** Changes of the policy as it is. */
  readonly operations?: readonly PatchOperation[];
  /** A whole new object instead. */
  readonly object?: Readonly<Record<string, unknown>>;
  readonly title: string;
  readonly effect: string;
  /** Among edits that let the same through, the lower is likelier to be what was meant. */
  readonly order: number;
}

/** A slip of typing is mended; else what is there is widened before something is added to it. */
export const ORDER = {
  slip: 0,
  port: 1,
  peer: 2,
  rule: 3,
  otherLabel: 4,
  policy: 5,
  exception: 1,
  request: 1,
} as const;

export function nameOf({ kind, namespace, name }: PolicyId): string {
  return `${kind}/${namespace}/${name}`;
}

/** As a person names it: `NetworkPolicy payments/api`. */
export function policyText({ kind, namespace, name }: PolicyId): string {
  return `${kind} ${namespace === "" ? name : `${namespace}/${name}`}`;
}
