import { isSlip } from "../../../explain/near-label.js";
import type { PatchOperation } from "../../../patch/patch.js";
import { NAMESPACE_LABEL_PREFIX, POD_NAMESPACE, type Requirement } from "../../../selector.js";
import { pathSteps } from "../../../source/path.js";
import type { LintContext } from "../../context/context.js";
import { namespaceEvidence } from "../../context/namespaces.js";
import { podEvidence } from "../../context/pods.js";
import type { Evidence } from "../../finding.js";
import {
  isKnownScope,
  isOfNamespace,
  labelKey,
  namespaceConditions,
  namespacesOf,
  podConditions,
  podSelectors,
  podsInScope,
  type PodSelector,
} from "../../context/selectors.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

export const NP013: LintRule = {
  id: "NP013",
  title: "Label that is nearly one that exists",
  severity: "medium",
  needs: "cluster",
  help: {
    why: "A selector that matches nobody, while a label that differs by a slip, by its case or by a common other key does, is most likely a typing mistake.",
    fix: "Write the label that exists.",
  },
  *check(context) {
    for (const policy of context.manifests.policies)
      for (const selector of podSelectors(policy)) {
        const meant = nearMiss(context, selector);
        const where = meant && at(context, policy, meant.requirement.place!);
        if (!where) continue;
        const { requirement, key, value, evidence } = meant;
        const written = labelKey(requirement);
        const title = selector.rule
          ? `${ruleName(selector.rule)} of ${policyName(policy)}`
          : policyName(policy);
        yield {
          ...where,
          message: `${title} asks for ${text(written, requirement.values)}, which nobody has, and ${key}=${value} exists.`,
          evidence: [evidence],
          fix: `Write ${key}: ${value}.`,
          ...operationsOf(requirement, written, key, value),
        };
      }
  },
};

interface Meant {
  readonly requirement: Requirement;
  readonly key: string;
  readonly value: string;
  readonly evidence: Evidence;
}

/** A label and where it was seen. */
type Seen = Pick<Meant, "key" | "value" | "evidence">;

/** The one condition that keeps the selector from matching, when something near it would let it match. */
function nearMiss(context: LintContext, selector: PodSelector): Meant | undefined {
  const ofNamespace = namespaceConditions(selector.selector);
  if (ofNamespace.length > 0 && namespacesOf(context, selector.selector).length === 0)
    return context.namespaces.declared.length === 0
      ? undefined
      : nearest(context, selector, ofNamespace, namespaceLabels(context));
  if (context.pods.labelled(selector.selector).length > 0) return undefined;
  const conditions = podConditions(selector.selector);
  const scope = podsInScope(context, selector.selector);
  if (scope.length === 0 || !isKnownScope(context, selector.selector)) return undefined;
  const seen = scope.flatMap((pod) =>
    Object.entries(pod.workload.labels).map(([key, value]) => ({
      key,
      value,
      evidence: podEvidence(pod, `${key}=${value}`),
    })),
  );
  return nearest(context, selector, conditions, seen);
}

function namespaceLabels({ namespaces }: LintContext): Seen[] {
  return namespaces.all.flatMap((namespace) =>
    Object.entries(namespace.labels).map(([key, value]) => ({
      key,
      value,
      evidence: namespaceEvidence(namespace, `${key}=${value}`),
    })),
  );
}

/** Keys that different habits use for one thing. */
const SAME_THING: readonly (readonly string[])[] = [
  ["app", "app.kubernetes.io/name", "k8s-app", "name"],
  ["component", "app.kubernetes.io/component", "tier"],
  ["instance", "release", "app.kubernetes.io/instance"],
];

function nearest(
  context: LintContext,
  selector: PodSelector,
  conditions: readonly Requirement[],
  labels: readonly Seen[],
): Meant | undefined {
  for (const requirement of conditions) {
    if (requirement.operator !== "In" || requirement.key === POD_NAMESPACE) continue;
    const written = labelKey(requirement);
    const { values } = requirement;
    if (labels.some(({ key, value }) => key === written && values.includes(value))) continue;
    const near = labels.find(
      ({ key, value }) =>
        (key === written && values.some((wanted) => isSlip(wanted, value))) ||
        (values.includes(value) && (isSlip(written, key) || sameThing(written, key))),
    );
    if (near && wouldMatch(context, selector, requirement, near)) return { requirement, ...near };
  }
  return undefined;
}

/** Only a change that makes the selector match is worth saying. */
function wouldMatch(
  context: LintContext,
  { selector }: PodSelector,
  requirement: Requirement,
  { key, value }: Seen,
): boolean {
  const prefix = isOfNamespace(requirement) ? NAMESPACE_LABEL_PREFIX : "";
  const changed = { ...requirement, key: prefix + key, values: [value] };
  const requirements = selector.requirements.map((one) => (one === requirement ? changed : one));
  return isOfNamespace(requirement)
    ? namespacesOf(context, { requirements }).length > 0
    : context.pods.labelled({ requirements }).length > 0;
}

function sameThing(a: string, b: string): boolean {
  return SAME_THING.some((keys) => keys.includes(a) && keys.includes(b));
}

/** Of matchLabels and of expressions with one value; a source in front of the key (`k8s:app`) stays. */
function operationsOf(
  requirement: Requirement,
  written: string,
  key: string,
  value: string,
): { readonly operations?: readonly PatchOperation[] } {
  const path = pathSteps(requirement.place!.path);
  const last = path.at(-1)!;
  if (requirement.values.length !== 1) return {};
  if (typeof last === "number")
    return {
      operations:
        key === written
          ? [{ op: "replace", path: [...path, "values"], value: [value] }]
          : [{ op: "replace", path: [...path, "key"], value: key }],
    };
  if (key === written) return { operations: [{ op: "replace", path, value }] };
  // What is written in front of the plain key (`k8s:`) is part of it.
  if (last !== written) return {};
  return {
    operations: [
      { op: "move", from: path, path: [...path.slice(0, -1), key] },
      ...(value === requirement.values[0]
        ? []
        : [{ op: "replace", path: [...path.slice(0, -1), key], value } as const]),
    ],
  };
}

function text(key: string, values: readonly string[]): string {
  return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(", ")})`;
}
