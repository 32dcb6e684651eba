import type { Policy, Rule } from "../../../policy.js";
import { ruleContains } from "../../compare/rules.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleEvidence, ruleName } from "../say.js";
import { isVoid } from "./void.js";

/** Every entry is compared with every other; nobody writes more by hand, and generated ones are not mended by hand. */
const MAX_ENTRIES = 1000;

export const NP301: LintRule = {
  id: "NP301",
  title: "Rule within another rule",
  severity: "low",
  needs: "spec",
  help: {
    why: "Everything that the rule allows or denies is allowed or denied by another rule of the same policy. It changes nothing, and misleads whoever edits the other.",
    fix: "Remove the rule.",
  },
  *check(context) {
    for (const policy of context.manifests.policies) {
      if (policy.tier !== "normal" || entriesOf(policy) > MAX_ENTRIES) continue;
      for (const rule of policy.rules) {
        const wider = policy.rules.find((other) => makesNeedless(other, rule));
        const where = wider && at(context, policy, rule.place);
        if (!where || !hasCompany(policy, rule)) continue;
        yield {
          ...where,
          message: `${ruleName(rule)} of ${policyName(policy)} is needless: ${ruleName(wider)} has all of it.`,
          evidence: [ruleEvidence(policy, wider)],
          operations: [{ op: "remove", path: where.path }],
        };
      }
    }
  },
};

function makesNeedless(other: Rule, rule: Rule): boolean {
  if (other === rule || other.section !== rule.section || isVoid(rule)) return false;
  // That an allow-all makes the others dead is NP203's.
  if (other.peers === "any" && other.ports === "any") return false;
  if (other.authentication !== rule.authentication || !ruleContains(other, rule)) return false;
  return other.index < rule.index || !ruleContains(rule, other);
}

/** The only rule of a list holds the default deny. */
function hasCompany({ rules }: Policy, { section }: Rule): boolean {
  return rules.filter((rule) => rule.section === section).length > 1;
}

function entriesOf({ rules }: Policy): number {
  let total = rules.length;
  for (const { peers, ports } of rules)
    for (const list of [peers, ports]) total += list === "any" ? 0 : list.length;
  return total;
}
