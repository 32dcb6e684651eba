import { selectorText } from "../../compare/selectors.js";
import { podEvidence } from "../../context/pods.js";
import { isRecord } from "../../context/raw.js";
import type { LintContext } from "../../context/context.js";
import type { NetworkPolicyView, RuleView } from "../../context/network-policies.js";
import type { Draft, LintRule } from "../../rule.js";
import { count } from "../say.js";
import { type Halves, halvesOf, ownNamespace, podsOf } from "./halves.js";

export const NP206: LintRule = {
  id: "NP206",
  title: "Two peers written where one was meant",
  severity: "high",
  needs: "cluster",
  help: {
    why:
      "A dash more makes two peers of one: the entry with the namespaceSelector then lets in every pod of those namespaces, " +
      "and the entry with the podSelector means pods of the policy's own namespace, where there are none.",
    fix: "Put podSelector and namespaceSelector into one entry.",
  },
  *check(context) {
    for (const view of context.networkPolicies)
      for (const rule of view.rules) yield* checkRule(context, view, rule);
  },
};

function* checkRule(
  context: LintContext,
  view: NetworkPolicyView,
  rule: RuleView,
): Iterable<Draft> {
  const { policy } = view;
  // Without pods of the namespace, that none matches there says nothing.
  if (!policy || context.pods.in(policy.namespace).length === 0) return;
  const entries = halvesOf(view, rule);
  for (let i = 0; i + 1 < entries.length; i++) {
    const pair = asPair(entries[i]!, entries[i + 1]!);
    if (!pair) continue;
    const { namespaces, pods } = pair;
    if (podsOf(context, pods.pods, ownNamespace(policy)).length > 0) continue;
    const meant = podsOf(context, pods.pods, namespaces.namespaces);
    if (meant.length === 0) continue;
    const open = podsOf(context, namespaces.namespaces);
    yield {
      on: view.source,
      path: namespaces.path,
      message:
        `${rule.title} of NetworkPolicy ${view.title} has a namespaceSelector and a podSelector as two entries, ` +
        `which allow ${count(open.length, "workload")} of those namespaces; with ${selectorText(pods.pods.requirements)} ` +
        `there ${meant.length === 1 ? "is" : "are"} ${meant.length} among them, and none in ${policy.namespace}.`,
      evidence: meant.map((pod) => podEvidence(pod, selectorText(pods.pods.requirements))),
      basis: `${count(context.pods.all.length, "workload")} of the input`,
      operations: merge(view, namespaces, pods),
    };
    i++;
  }
}

function asPair(a: Halves, b: Halves): { namespaces: Halves; pods: Halves } | undefined {
  if (b.index !== a.index + 1) return undefined;
  const only = (one: Halves, other: Halves) =>
    one.hasNamespaces &&
    !one.hasPods &&
    other.hasPods &&
    !other.hasNamespaces &&
    other.pods.requirements.length > 0
      ? { namespaces: one, pods: other }
      : undefined;
  return only(a, b) ?? only(b, a);
}

function merge(
  view: NetworkPolicyView,
  namespaces: Halves,
  pods: Halves,
): Draft["operations"] & {} {
  let value: unknown = view.source.value;
  for (const step of pods.path)
    value = Array.isArray(value) ? value[Number(step)] : isRecord(value) ? value[step] : undefined;
  return [
    {
      op: "add",
      path: [...namespaces.path, "podSelector"],
      value: isRecord(value) ? value["podSelector"] : {},
    },
    { op: "remove", path: pods.path },
  ];
}
