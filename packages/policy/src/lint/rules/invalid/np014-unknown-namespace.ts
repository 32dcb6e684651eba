import type { PatchOperation } from "../../../patch/patch.js";
import type { Requirement } from "../../../selector.js";
import { pathSteps } from "../../../source/path.js";
import type { LintContext } from "../../context/context.js";
import { NAME_LABEL, namespaceEvidence } from "../../context/namespaces.js";
import {
  labelKey,
  namesAsked,
  namespaceConditions,
  podSelectors,
} from "../../context/selectors.js";
import type { Draft, LintRule } from "../../rule.js";
import { at, count, policyName, some } from "../say.js";

/** Every cluster has them, whether the input says so or not. */
const ALWAYS = new Set(["default", "kube-system", "kube-public", "kube-node-lease"]);

export const NP014: LintRule = {
  id: "NP014",
  title: "Namespace that does not exist",
  severity: "high",
  needs: "cluster",
  help: {
    why: "A selector that asks for a namespace by a name that none has, or by a label `name` that nobody sets, matches nothing. Only `kubernetes.io/metadata.name` is set by Kubernetes itself.",
    fix: "Ask for `kubernetes.io/metadata.name` with the name of a namespace that exists.",
  },
  *check(context) {
    const { declared } = context.namespaces;
    if (declared.length === 0) return;
    for (const policy of context.manifests.policies)
      for (const { selector } of podSelectors(policy))
        for (const condition of namespaceConditions(selector)) {
          const statement = unknownName(context, condition) ?? nobodysLabel(context, condition);
          const where = statement && at(context, policy, condition.place!);
          if (where)
            yield {
              ...where,
              ...statement,
              message: `${policyName(policy)} ${statement.message}`,
              evidence: declared.slice(0, 5).map((one) => namespaceEvidence(one)),
              basis: `${count(declared.length, "namespace")} declared in the input`,
            };
        }
  },
};

type Statement = Pick<Draft, "message" | "operations" | "fix">;

function unknownName({ namespaces }: LintContext, condition: Requirement): Statement | undefined {
  const names = namesAsked(condition);
  if (names.length === 0) return undefined;
  if (names.some((name) => ALWAYS.has(name) || namespaces.get(name) !== undefined))
    return undefined;
  return {
    message: `asks for namespace ${some(names)}, and there is none of that name.`,
    fix: "Correct the name, or add the namespace.",
  };
}

function nobodysLabel({ namespaces }: LintContext, condition: Requirement): Statement | undefined {
  const { operator, values } = condition;
  const needed = operator === "In" || operator === "Exists";
  if (labelKey(condition) !== "name" || !needed) return undefined;
  if (namespaces.declared.some(({ labels }) => Object.hasOwn(labels, "name"))) return undefined;
  const [name = ""] = values;
  const known = values.length === 1 && (ALWAYS.has(name) || namespaces.get(name) !== undefined);
  const path = pathSteps(condition.place!.path);
  return {
    message: `asks for namespaces with the label name, and no namespace has it.`,
    ...(known ? { operations: renamed(path) } : {}),
  };
}

/** Of matchLabels, and of an expression. */
function renamed(path: readonly (string | number)[]): PatchOperation[] {
  if (typeof path.at(-1) === "number")
    return [{ op: "replace", path: [...path, "key"], value: NAME_LABEL }];
  if (path.at(-1) !== "name") return [];
  return [{ op: "move", from: path, path: [...path.slice(0, -1), NAME_LABEL] }];
}
