import type { PolicyName } from "@dropscope/model";
import type { Policy } from "@dropscope/policy";
import type { StoredVersion } from "@dropscope/store";

/** A policy with all its specs. */
export interface PolicyOf {
  readonly policy: PolicyName;
  readonly specs: readonly Policy[];
}

export function policyOf({ kind, namespace, name, spec }: StoredVersion): PolicyOf {
  return {
    policy: { kind, namespace, name },
    specs: Array.isArray(spec) ? (spec as Policy[]) : [],
  };
}

/** Specs come from the store: what an older build wrote may lack what this one looks for. */
export function isPolicyOf(spec: Policy): boolean {
  return Array.isArray(spec.subject?.selector?.requirements);
}

export function isolates(specs: readonly Policy[]): { ingress: boolean; egress: boolean } {
  return {
    ingress: specs.some((spec) => spec.isolates.ingress),
    egress: specs.some((spec) => spec.isolates.egress),
  };
}

export function denies(specs: readonly Policy[]): { ingress: boolean; egress: boolean } {
  const inDirection = (direction: "ingress" | "egress"): boolean =>
    specs.some(({ rules }) =>
      rules.some((rule) => rule.action === "deny" && rule.direction === direction),
    );
  return { ingress: inDirection("ingress"), egress: inDirection("egress") };
}

export function keyOf({ kind, namespace, name }: PolicyName): string {
  return `${kind}/${namespace}/${name}`;
}
