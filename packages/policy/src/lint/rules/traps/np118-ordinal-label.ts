import { podConditions, podSelectors } from "../../context/selectors.js";
import type { LintRule } from "../../rule.js";
import { at, policyName } from "../say.js";

const ORDINALS: ReadonlyMap<string, string> = new Map([
  ["statefulset.kubernetes.io/pod-name", "one pod of a StatefulSet"],
  ["apps.kubernetes.io/pod-index", "one pod of a StatefulSet"],
  ["batch.kubernetes.io/job-completion-index", "one pod of a Job"],
  ["batch.kubernetes.io/job-name", "one run of a Job"],
  ["job-name", "one run of a Job"],
]);

export const NP118: LintRule = {
  id: "NP118",
  title: "Policy for a single replica",
  severity: "medium",
  needs: "spec",
  help: {
    why: "Labels of one replica or run move with scaling, failover and the next run, and Cilium leaves most of them out of identities. The policy then covers another pod, or none.",
    fix: "Select the whole set by its own labels, or give the replica with a role a label that says so.",
  },
  *check(context) {
    for (const policy of context.manifests.policies)
      for (const { selector } of podSelectors(policy))
        for (const { key, place } of podConditions(selector)) {
          const what = ORDINALS.get(key);
          const where = what === undefined ? undefined : at(context, policy, place!);
          if (where)
            yield {
              ...where,
              message: `${policyName(policy)} selects ${what} by ${key}.`,
            };
        }
  },
};
