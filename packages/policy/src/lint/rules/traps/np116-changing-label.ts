import type { Service } from "../../../objects.js";
import type { Requirement } from "../../../selector.js";
import type { LintContext } from "../../context/context.js";
import { type Pod, podEvidence } from "../../context/pods.js";
import {
  podConditions,
  podSelectors,
  podsInScope,
  type PodSelector,
} from "../../context/selectors.js";
import { serviceEvidence } from "../../context/admission.js";
import type { Draft, LintRule } from "../../rule.js";
import { at, policyName, some } from "../say.js";

/** Set anew with every rollout. */
const HASHES = new Set([
  "pod-template-hash",
  "controller-revision-hash",
  "rollouts-pod-template-hash",
  "pod-template-generation",
  "controller-uid",
  "batch.kubernetes.io/controller-uid",
]);

/** Told by a release, a run or a place, not by what the pod is. */
const CHANGING = new Set([
  "version",
  "track",
  "app.kubernetes.io/version",
  "helm.sh/chart",
  "chart",
  "statefulset.kubernetes.io/pod-name",
  "apps.kubernetes.io/pod-index",
  "batch.kubernetes.io/job-name",
  "job-name",
  "image",
  "image-tag",
  "imageTag",
  "commit",
  "git-commit",
  "git-sha",
  "revision",
  "build",
  "build-id",
]);

export const NP116: LintRule = {
  id: "NP116",
  title: "Selector by a label that changes",
  severity: "high",
  needs: "spec",
  help: {
    why: "A rollout gives new pods other values of this label. From then on the policy selects nobody, or the wrong ones, and traffic is dropped or let in although no policy changed.",
    fix: "Select by a label that says what the pod is, such as app.kubernetes.io/name.",
  },
  *check(context) {
    for (const policy of context.manifests.policies)
      for (const selector of podSelectors(policy))
        for (const condition of podConditions(selector.selector)) {
          const statement =
            knownToChange(condition) ??
            differsAmongReplicas(context, selector, condition) ??
            flippedByService(context, selector, condition);
          const where = statement && at(context, policy, condition.place!);
          if (where)
            yield {
              ...where,
              ...statement,
              message: `${policyName(policy)} selects by ${condition.key}, ${statement.message}.`,
            };
        }
  },
};

type Statement = Pick<Draft, "message" | "severity" | "evidence">;

function knownToChange({ key }: Requirement): Statement | undefined {
  if (HASHES.has(key)) return { message: "which every rollout sets anew" };
  if (!CHANGING.has(key)) return undefined;
  return { severity: "medium", message: "which releases and runs set anew" };
}

/** Pods of one owner that the label tells apart were changed by hand or by a controller of rollouts. */
function differsAmongReplicas(
  context: LintContext,
  { selector }: PodSelector,
  { key }: Requirement,
): Statement | undefined {
  for (const { name } of context.namespaces.matching(selector)) {
    const pair = differing(context, name).get(key);
    if (!pair) continue;
    const { owner, namespace } = pair[0].workload;
    return {
      severity: "medium",
      message: `which differs among the pods of ${owner?.kind} ${namespace}/${owner?.name}`,
      evidence: pair.map((one) =>
        podEvidence(one, `${key}=${one.workload.labels[key] ?? "(none)"}`),
      ),
    };
  }
  return undefined;
}

type Pair = readonly [Pod, Pod];

/** Many selectors ask about the same namespace. */
const remembered = new WeakMap<LintContext, Map<string, ReadonlyMap<string, Pair>>>();

/** Label keys of which two pods of one owner have different values, or one of them none, with such a pair. */
function differing(context: LintContext, namespace: string): ReadonlyMap<string, Pair> {
  const byNamespace = remembered.get(context) ?? new Map<string, ReadonlyMap<string, Pair>>();
  remembered.set(context, byNamespace);
  const known = byNamespace.get(namespace);
  if (known) return known;
  const pairs = new Map<string, Pair>();
  const firsts = new Map<string, Pod>();
  for (const pod of context.pods.in(namespace)) {
    const { owner, labels } = pod.workload;
    if (!owner || owner.kind === "Node") continue;
    const name = JSON.stringify([owner.kind, owner.name]);
    const first = firsts.get(name);
    if (first === undefined) {
      firsts.set(name, pod);
      continue;
    }
    const others = first.workload.labels;
    for (const key of new Set([...Object.keys(others), ...Object.keys(labels)]))
      if (others[key] !== labels[key] && !pairs.has(key)) pairs.set(key, [first, pod]);
  }
  byNamespace.set(namespace, pairs);
  return pairs;
}

const services = new WeakMap<LintContext, ReadonlyMap<string, readonly Service[]>>();

/** Services that select by a label and by others beside it, by its key. */
function switchable(context: LintContext): ReadonlyMap<string, readonly Service[]> {
  const known = services.get(context);
  if (known) return known;
  const byKey = new Map<string, Service[]>();
  for (const service of context.manifests.services) {
    const keys = Object.keys(service.selector ?? {});
    for (const key of keys.length < 2 ? [] : keys) {
      const some = byKey.get(key);
      if (some) some.push(service);
      else byKey.set(key, [service]);
    }
  }
  services.set(context, byKey);
  return byKey;
}

/** A Service that selects by a label of which its other pods have several values is switched between them. */
function flippedByService(
  context: LintContext,
  { selector }: PodSelector,
  { key, operator }: Requirement,
): Statement | undefined {
  if (operator !== "In") return undefined;
  for (const service of switchable(context).get(key) ?? []) {
    const wanted = Object.entries(service.selector ?? {});
    const rest = wanted.filter(([name]) => name !== key);
    const candidates = podsInScope(context, selector).filter(
      ({ workload: { namespace, labels } }) =>
        namespace === service.namespace &&
        labels[key] !== undefined &&
        rest.every(([name, value]) => labels[name] === value),
    );
    const values = [...new Set(candidates.map(({ workload }) => workload.labels[key]!))];
    if (values.length < 2) continue;
    return {
      severity: "medium",
      message: `which Service ${service.namespace}/${service.name} is switched by between ${some(values)}`,
      evidence: [
        serviceEvidence(service),
        ...candidates
          .slice(0, 4)
          .map((pod) => podEvidence(pod, `${key}=${pod.workload.labels[key]!}`)),
      ],
    };
  }
  return undefined;
}
