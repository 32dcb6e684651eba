import type { Policy, Rule } from "../../../policy.js";
import { circlesOf } from "../../context/circles.js";
import { ruleContains, subjectContains } from "../../compare/rules.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleEvidence, ruleName } from "../say.js";

export const CN013: LintRule = {
  id: "CN013",
  title: "Allow rule that a deny rule makes void",
  severity: "medium",
  needs: "spec",
  help: {
    why: "A matching deny rule beats every allow rule of every policy, however specific. An allow rule whose every connection is denied does nothing.",
    fix: "Narrow the deny rule, or remove the allow rule.",
  },
  *check(context) {
    const normal = context.manifests.policies.filter(({ tier }) => tier === "normal");
    const denying = normal.flatMap((policy) =>
      policy.rules.flatMap((rule) => (rule.action === "deny" ? { policy, rule } : [])),
    );
    if (denying.length === 0) return;
    for (const policy of normal) {
      const circles = circlesOf(context, policy);
      const near = new Set(circles.flatMap(({ policies }) => policies));
      for (const rule of policy.rules) {
        if (rule.action !== "allow" || isVoid(rule)) continue;
        const over = denying.filter(
          (deny) => near.has(deny.policy) && ruleContains(deny.rule, rule, "ignore"),
        );
        if (over.length === 0) continue;
        const everywhere =
          over.some((deny) => subjectContains(deny.policy, policy)) ||
          circles.every(
            ({ pods, policies }) =>
              pods.length > 0 && over.some((deny) => policies.includes(deny.policy)),
          );
        const where = at(context, policy, rule.place);
        if (!everywhere || !where) continue;
        const [first] = over as [{ policy: Policy; rule: Rule }];
        yield {
          ...where,
          message:
            `${ruleName(rule)} of ${policyName(policy)} can never allow anything: ` +
            `${ruleName(first.rule)} of ${policyName(first.policy)} denies all of it.`,
          evidence: over.map((deny) => ruleEvidence(deny.policy, deny.rule)),
        };
      }
    }
  },
};

/** Rules for nobody or for no port are there to turn on default deny. */
function isVoid({ peers, ports }: Rule): boolean {
  return peers.length === 0 || ports.length === 0;
}
