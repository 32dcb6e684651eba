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
 * is only said when it is certain. Admin and baseline policies are in none.
 */
export function circlesOf(context: LintContext, policy: Policy): readonly Circle[] {
  const index = indexOf(context);
  let circles = index.circles.get(policy);
  if (circles === undefined) {
    const pods = context.pods.selectedBy(policy);
    circles = pods.length > 0 ? byPolicies(index, pods) : [{ pods, policies: near(index, policy) }];
    index.circles.set(policy, circles);
  }
  return circles;
}

interface Index {
  readonly circles: Map<Policy, readonly Circle[]>;
  readonly normal: readonly Policy[];
  readonly byNamespace: ReadonlyMap<string, readonly Policy[]>;
  readonly ofPod: ReadonlyMap<Pod, readonly Policy[]>;
  readonly numbers: ReadonlyMap<Policy, number>;
}

/** Many rules ask; the answer depends on the context alone. */
const remembered = new WeakMap<LintContext, Index>();

function indexOf(context: LintContext): Index {
  const known = remembered.get(context);
  if (known) return known;
  const normal = context.manifests.policies.filter(({ tier }) => tier === "normal");
  const byNamespace = new Map<string, Policy[]>();
  const ofPod = new Map<Pod, Policy[]>();
  for (const policy of normal) {
    put(byNamespace, policy.namespace, policy);
    for (const pod of context.pods.selectedBy(policy)) put(ofPod, pod, policy);
  }
  const numbers = new Map(normal.map((policy, number) => [policy, number]));
  const index = { circles: new Map(), normal, byNamespace, ofPod, numbers };
  remembered.set(context, index);
  return index;
}

function put<K>(map: Map<K, Policy[]>, key: K, policy: Policy): void {
  const list = map.get(key);
  if (list) list.push(policy);
  else map.set(key, [policy]);
}

function byPolicies({ ofPod, numbers }: Index, pods: readonly Pod[]): readonly Circle[] {
  const circles = new Map<string, { pods: Pod[]; policies: readonly Policy[] }>();
  for (const pod of pods) {
    const policies = ofPod.get(pod) ?? [];
    const key = policies.map((policy) => numbers.get(policy)).join(",");
    const circle = circles.get(key);
    if (circle) circle.pods.push(pod);
    else circles.set(key, { pods: [pod], policies });
  }
  return [...circles.values()];
}

/** The policy itself, and those that cannot be proved to select other pods only. */
function near({ normal, byNamespace }: Index, policy: Policy): Policy[] {
  const { namespace } = policy;
  const candidates =
    namespace === ""
      ? normal
      : [...(byNamespace.get("") ?? []), ...(byNamespace.get(namespace) ?? [])];
  return candidates.filter((other) => other === policy || !subjectsDisjoint(other, policy));
}
