import type { PatchOperation } from "../../../patch/patch.js";
import type { Requirement } from "../../../selector.js";
import { pathSteps } from "../../../source/path.js";
import { NAME_LABEL, namespaceEvidence } from "../../context/namespaces.js";
import { isDnsRule } from "../../context/resolvers.js";
import {
  labelKey,
  namesAsked,
  namespaceConditions,
  namespacesOf,
  peerSelectors,
} from "../../context/selectors.js";
import { selectorText } from "../../compare/selectors.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

export const NP104: LintRule = {
  id: "NP104",
  title: "DNS is allowed to a namespace by a label that it lacks",
  severity: "high",
  needs: "cluster",
  help: {
    why: "The namespace of the DNS pods does not carry the label that the rule asks for, so that the rule allows nothing and names cannot be resolved.",
    fix: "Ask for `kubernetes.io/metadata.name: kube-system`, which Kubernetes sets itself.",
  },
  *check(context) {
    const system = ["kube-system", "openshift-dns"].flatMap((name) => {
      const namespace = context.namespaces.get(name);
      return namespace?.place ? [namespace] : [];
    });
    if (system.length === 0) return;
    for (const policy of context.manifests.policies)
      for (const { rule, selector } of peerSelectors(policy)) {
        if (!rule || !isDnsRule(rule)) continue;
        const conditions = namespaceConditions(selector);
        // A name that nobody has is NP014's.
        const labels = conditions.filter((one) => namesAsked(one).length === 0);
        if (labels.length === 0 || namespacesOf(context, selector).length > 0) continue;
        const [first] = labels as [Requirement];
        const where = at(context, policy, first.place!);
        if (!where) continue;
        const name = system[0]!.name;
        yield {
          ...where,
          message: `${ruleName(rule)} of ${policyName(policy)} allows DNS to namespaces with ${selectorText(labels)}, and ${name} has no such label: the rule allows nothing.`,
          evidence: system.map((namespace) =>
            namespaceEvidence(
              namespace,
              Object.entries(namespace.labels)
                .map(([key, value]) => `${key}=${value}`)
                .join(", "),
            ),
          ),
          basis: `the labels of ${name} in the input`,
          ...(conditions.length === 1 && system.length === 1
            ? { operations: askByName(first, name) }
            : {}),
        };
      }
  },
};

function askByName(condition: Requirement, name: string): PatchOperation[] {
  const path = pathSteps(condition.place!.path);
  if (typeof path.at(-1) === "number")
    return [
      {
        op: "replace",
        path,
        value: { key: NAME_LABEL, operator: "In", values: [name] },
      },
    ];
  if (path.at(-1) !== labelKey(condition)) return [];
  const renamed = [...path.slice(0, -1), NAME_LABEL];
  return [
    { op: "move", from: path, path: renamed },
    ...(condition.values[0] === name
      ? []
      : [{ op: "replace", path: renamed, value: name } as const]),
  ];
}
