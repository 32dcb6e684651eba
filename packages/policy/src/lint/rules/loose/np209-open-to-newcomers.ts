import { selectorText } from "../../compare/selectors.js";
import { podEvidence } from "../../context/pods.js";
import { isOfNamespace, labelKey, peerSelectors } from "../../context/selectors.js";
import { written } from "../../compare/selectors.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

export const NP209: LintRule = {
  id: "NP209",
  title: "Open to whoever lacks a label",
  severity: "low",
  needs: "cluster",
  help: {
    why:
      "NotIn and DoesNotExist also match where the label is absent. A peer that only says what it is not " +
      "lets in every namespace or pod that nobody has labelled yet.",
    fix: "Ask for a label that the peers have, in addition or instead.",
  },
  *check(context) {
    for (const policy of context.manifests.policies) {
      if (policy.tier !== "normal") continue;
      for (const peer of peerSelectors(policy)) {
        const conditions = written(peer.selector);
        const negative = conditions.every(
          ({ operator }) => operator === "NotIn" || operator === "DoesNotExist",
        );
        const { rule } = peer;
        if (
          !negative ||
          conditions.length === 0 ||
          rule?.direction !== "ingress" ||
          rule.action !== "allow"
        )
          continue;
        // Only what lacks the very label was let in without anybody saying so.
        const asked = conditions.filter(({ operator }) => operator === "NotIn");
        const unlabelled = context.pods
          .labelled(peer.selector)
          .filter(({ workload }) =>
            asked.some((one) => {
              const labels = isOfNamespace(one)
                ? context.namespaces.labels(workload.namespace)
                : workload.labels;
              return !Object.hasOwn(labels, labelKey(one));
            }),
          )
          .filter(
            ({ workload }) =>
              // Labels of a namespace are only known when its object is in the input.
              !asked.some(isOfNamespace) ||
              context.namespaces.get(workload.namespace)?.place !== undefined,
          );
        const where = at(context, policy, peer.place);
        if (unlabelled.length === 0 || !where) continue;
        const keys = [...new Set(asked.map(labelKey))].join(" or ");
        const [first] = unlabelled;
        yield {
          ...where,
          message:
            `${ruleName(rule)} of ${policyName(policy)} lets in ${selectorText(conditions)}, which also means whoever ` +
            `has no label ${keys}, such as ${first!.endpoint.name}.`,
          evidence: unlabelled.map((pod) => podEvidence(pod, `no label ${keys}`)),
        };
      }
    }
  },
};
