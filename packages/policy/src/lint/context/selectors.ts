import type { Namespace } from "../../objects.js";
import type { Place } from "../../place.js";
import type { Policy, Rule } from "../../policy.js";
import {
  NAMESPACE_LABEL_PREFIX,
  POD_NAMESPACE,
  POLICY_CLUSTER,
  type Requirement,
  type Selector,
} from "../../selector.js";
import type { LintContext } from "./context.js";
import { isOfNamespace, NAME_LABEL } from "./namespaces.js";
import type { Pod } from "./pods.js";

/** A selector of pods somewhere in a policy. */
export interface PodSelector {
  readonly policy: Policy;
  /** Undefined for the policy's subject. */
  readonly rule?: Rule;
  readonly selector: Selector;
  readonly place: Place;
}

export function subjectSelector(policy: Policy): PodSelector | undefined {
  const { subject } = policy;
  if (subject.of !== "pods") return undefined;
  return { policy, selector: subject.selector, place: subject.place };
}

/** Peers that mean pods. Selectors of nodes and of Cilium's reserved identities are none of them. */
export function peerSelectors(policy: Policy): PodSelector[] {
  return policy.rules.flatMap((rule) =>
    (rule.peers === "any" ? [] : rule.peers).flatMap((peer) =>
      peer.of === "endpoints" && meansPods(peer.selector)
        ? { policy, rule, selector: peer.selector, place: peer.place }
        : [],
    ),
  );
}

export function podSelectors(policy: Policy): PodSelector[] {
  const subject = subjectSelector(policy);
  return [...(subject ? [subject] : []), ...peerSelectors(policy)];
}

function meansPods({ requirements }: Selector): boolean {
  return requirements.every(
    ({ source, key }) =>
      (source === "k8s" || source === "any") && (key !== POLICY_CLUSTER || source === "k8s"),
  );
}

export { isOfNamespace };

/** Written conditions on the pod's own labels. */
export function podConditions({ requirements }: Selector): Requirement[] {
  return requirements.filter(
    (one) => one.place !== undefined && !isOfNamespace(one) && one.key !== POLICY_CLUSTER,
  );
}

/** Written conditions on the namespace. */
export function namespaceConditions({ requirements }: Selector): Requirement[] {
  return requirements.filter((one) => one.place !== undefined && isOfNamespace(one));
}

/** The namespace that a condition asks for by its name, whichever label says it. */
export function namesAsked({ key, operator, values }: Requirement): readonly string[] {
  const byName = key === POD_NAMESPACE || key === NAMESPACE_LABEL_PREFIX + NAME_LABEL;
  return byName && operator === "In" ? values : [];
}

/** Namespaces of the input that satisfy the selector's conditions on namespaces, written or added. */
export function namespacesOf(context: LintContext, selector: Selector): readonly Namespace[] {
  return context.namespaces.matching(selector);
}

/** Pods of the namespaces that the selector's conditions on namespaces admit. */
export function podsInScope(context: LintContext, selector: Selector): Pod[] {
  return namespacesOf(context, selector).flatMap(({ name }) => context.pods.in(name));
}

/** The label's key as it stands on its object. */
export function labelKey({ key }: Requirement): string {
  return key.startsWith(NAMESPACE_LABEL_PREFIX) ? key.slice(NAMESPACE_LABEL_PREFIX.length) : key;
}

/** Whether somebody can have the pods in mind: only a condition that asks for a label describes them. */
export function describesPods(conditions: readonly Requirement[]): boolean {
  return conditions.some(({ operator }) => operator === "In" || operator === "Exists");
}

/**
 * Whether the input can tell that nobody matches: the namespaces are named, or the
 * input holds those of the system too and so, most likely, the whole cluster.
 */
export function isKnownScope(context: LintContext, { requirements }: Selector): boolean {
  return (
    requirements.some((one) => namesAsked(one).length > 0) ||
    context.pods.in("kube-system").length > 0
  );
}
