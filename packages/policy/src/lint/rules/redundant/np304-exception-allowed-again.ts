import type { Peer, Policy, Rule } from "../../../policy.js";
import { blockCovers } from "../../compare/cidrs.js";
import { peersContain, portsContain, subjectContains } from "../../compare/rules.js";
import { circlesOf } from "../../context/circles.js";
import type { LintContext } from "../../context/context.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleEvidence, ruleName } from "../say.js";

export const NP304: LintRule = {
  id: "NP304",
  title: "Exception that is allowed again",
  severity: "medium",
  needs: "spec",
  help: {
    why:
      "`except` takes addresses out of its own entry and denies nothing. Another entry, rule or policy that allows the whole excepted range " +
      "on the same ports lets it in again.",
    fix: "Except the range there too, or remove the exception.",
  },
  *check(context) {
    for (const policy of context.manifests.policies) {
      if (policy.tier !== "normal") continue;
      for (const rule of policy.rules)
        for (const peer of rule.peers === "any" ? [] : rule.peers) {
          if (peer.of !== "cidr" || rule.action !== "allow") continue;
          for (const hole of peer.except) {
            const again = allowedAgain(context, policy, rule, peer, hole);
            const where = again && at(context, policy, peer.place);
            if (!where) continue;
            yield {
              ...where,
              message:
                `${ruleName(rule)} of ${policyName(policy)} excepts ${hole} from ${peer.cidr}, but ${again.rule === rule ? "another entry of it" : `${ruleName(again.rule)} of ${policyName(again.policy)}`} ` +
                "allows all of that range on the same ports.",
              evidence: [ruleEvidence(again.policy, again.rule)],
            };
          }
        }
    }
  },
};

type Block = Extract<Peer, { of: "cidr" }>;

function allowedAgain(
  context: LintContext,
  policy: Policy,
  rule: Rule,
  peer: Block,
  hole: string,
): { policy: Policy; rule: Rule } | undefined {
  const range: Peer = { ...peer, cidr: hole, except: [] };
  const sibling =
    rule.peers !== "any" &&
    rule.peers.some((other) => other !== peer && other.of === "cidr" && blockCovers(other, range));
  if (sibling) return { policy, rule };
  const circles = circlesOf(context, policy);
  for (const other of new Set(circles.flatMap(({ policies }) => policies))) {
    const open = other.rules.find(
      (one) =>
        one !== rule &&
        one.section === rule.section &&
        peersContain(one.peers, [range]) &&
        portsContain(one.ports, rule.ports, "ignore"),
    );
    if (!open) continue;
    const everywhere =
      other === policy ||
      subjectContains(other, policy) ||
      circles.every(({ pods, policies }) => pods.length > 0 && policies.includes(other));
    if (everywhere) return { policy: other, rule: open };
  }
  return undefined;
}
