import { parseLabels } from "../../labels.js";
import { matchesSelector } from "../../match/selector.js";
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
import { NAME_LABEL } from "./namespaces.js";
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

/** Whether the requirement is about the namespace and not about the pod in it. */
export function isOfNamespace({ key }: Requirement): boolean {
  return key === POD_NAMESPACE || key.startsWith(NAMESPACE_LABEL_PREFIX);
}

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
export function namespacesOf(context: LintContext, selector: Selector): Namespace[] {
  const conditions = { requirements: selector.requirements.filter(isOfNamespace) };
  return context.namespaces.all.filter(({ name, labels }) =>
    matchesSelector(
      conditions,
      parseLabels([
        `k8s:${POD_NAMESPACE}=${name}`,
        ...Object.entries(labels).map(
          ([key, value]) => `k8s:${NAMESPACE_LABEL_PREFIX}${key}=${value}`,
        ),
      ]),
    ),
  );
}

/** Pods of the namespaces that the selector's conditions on namespaces admit. */
export function podsInScope(context: LintContext, selector: Selector): Pod[] {
  return namespacesOf(context, selector).flatMap(({ name }) => context.pods.in(name));
}

/** The label's key as it stands on its object. */
export function labelKey({ key }: Requirement): string {
  return key.startsWith(NAMESPACE_LABEL_PREFIX) ? key.slice(NAMESPACE_LABEL_PREFIX.length) : key;
}
