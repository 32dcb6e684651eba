import type { PatchOperation, Policy } from "@dropscope/policy";

/** An edit to try. */
export interface Candidate {
  readonly policy: Pick<Policy, "kind" | "namespace" | "name">;
  /** Changes of the policy as it is. */
  readonly operations?: readonly PatchOperation[];
  /** A whole new object instead. */
  readonly object?: Readonly<Record<string, unknown>>;
  readonly title: string;
  readonly effect: string;
}
