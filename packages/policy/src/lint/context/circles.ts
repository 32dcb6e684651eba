import type { Policy } from "../../policy.js";
import { subjectsDisjoint } from "../compare/rules.js";
import type { LintContext } from "./context.js";
import type { Pod } from "./pods.js";

/** The policies that are judged together, because one pod has them all. */
export interface Circle {
  /** Pods of the input that have just these policies. Empty when the input has no pod of the policy's. */
  readonly pods: readonly Pod[];
  readonly policies: readonly Policy[];
}

/**
 * Whom a policy shares its pods with. Known pods tell it exactly; without any, every
 * policy that may select the same pod is in the one circle, so that "no policy does X"
 * is only said when it is certain.
 */
export function circlesOf(context: LintContext, policy: Policy): readonly Circle[] {
  const pods = context.pods.selectedBy(policy);
  const normal = context.manifests.policies.filter(({ tier }) => tier === "normal");
  if (pods.length === 0)
    return [
      {
        pods,
        policies: normal.filter((other) => other === policy || !subjectsDisjoint(other, policy)),
      },
    ];
  const byPolicies = new Map<string, { pods: Pod[]; policies: readonly Policy[] }>();
  const { of, numbers } = policiesByPod(context, normal);
  for (const pod of pods) {
    const policies = of.get(pod) ?? [];
    const key = policies.map((other) => numbers.get(other)).join();
    const circle = byPolicies.get(key);
    if (circle) circle.pods.push(pod);
    else byPolicies.set(key, { pods: [pod], policies });
  }
  return [...byPolicies.values()];
}

interface ByPod {
  readonly of: ReadonlyMap<Pod, readonly Policy[]>;
  readonly numbers: ReadonlyMap<Policy, number>;
}

/** Many rules ask; the answer depends on the context alone. */
const remembered = new WeakMap<LintContext, ByPod>();

function policiesByPod(context: LintContext, policies: readonly Policy[]): ByPod {
  const known = remembered.get(context);
  if (known) return known;
  const of = new Map<Pod, Policy[]>();
  for (const policy of policies)
    for (const pod of context.pods.selectedBy(policy)) {
      const list = of.get(pod);
      if (list) list.push(policy);
      else of.set(pod, [policy]);
    }
  const byPod = { of, numbers: new Map(policies.map((policy, index) => [policy, index])) };
  remembered.set(context, byPod);
  return byPod;
}
