import type { Policy, PortMatch, Rule } from "../../../policy.js";
import { subjectContains } from "../../compare/rules.js";
import { selectorsDisjoint } from "../../compare/selectors.js";
import type { LintContext } from "../../context/context.js";
import { podEvidence } from "../../context/pods.js";
import type { Evidence } from "../../finding.js";
import type { LintRule } from "../../rule.js";
import { at, policyEvidence, policyName } from "../say.js";

export const AN001: LintRule = {
  id: "AN001",
  title: "Overlapping policies of equal priority",
  severity: "high",
  needs: "spec",
  help: {
    why: "Of two policies of one tier and priority that are about the same pods and act differently, the API leaves open which comes first.",
    fix: "Give them different priorities.",
  },
  *check(context) {
    const byRank = new Map<string, Policy[]>();
    for (const policy of context.manifests.policies) {
      if (policy.tier === "normal" || policy.kind === "BaselineAdminNetworkPolicy") continue;
      const rank = `${policy.kind} ${policy.tier} ${policy.priority}`;
      const earlier = byRank.get(rank) ?? [];
      byRank.set(rank, [...earlier, policy]);
      for (const other of earlier) {
        const overlap = contend(other, policy) ? overlapOf(context, other, policy) : undefined;
        const where = overlap && at(context, policy, policy.place);
        if (!where) continue;
        yield {
          ...where,
          path: ["spec", "priority"],
          message: `${policyName(policy)} and ${policyName(other)} have priority ${policy.priority} and are about the same pods; the API leaves open which of them comes first.`,
          evidence: [policyEvidence(other, `priority ${other.priority}`), ...overlap],
        };
      }
    }
  },
};

/** Whether it matters which comes first: two rules that act differently may meet one connection. */
function contend(a: Policy, b: Policy): boolean {
  return a.rules.some((one) =>
    b.rules.some(
      (other) =>
        one.direction === other.direction && one.action !== other.action && mayMeet(one, other),
    ),
  );
}

/** Of longer lists it is taken that they meet. */
const MAX_PAIRS = 10_000;

function mayMeet(a: Rule, b: Rule): boolean {
  const peers =
    a.peers === "any" ||
    b.peers === "any" ||
    a.peers.length * b.peers.length > MAX_PAIRS ||
    a.peers.some((one) =>
      (b.peers as Exclude<Rule["peers"], "any">).some(
        (other) =>
          one.of !== "endpoints" ||
          other.of !== "endpoints" ||
          !selectorsDisjoint(one.selector, other.selector),
      ),
    );
  const ports =
    a.ports === "any" ||
    b.ports === "any" ||
    a.ports.some((one) => (b.ports as readonly PortMatch[]).some((other) => portsMeet(one, other)));
  return peers && ports;
}

function portsMeet(a: PortMatch, b: PortMatch): boolean {
  if (!a.protocols.some((protocol) => b.protocols.includes(protocol))) return false;
  // A name may be any number.
  return a.of === "name" || b.of === "name" || (a.first <= b.last && b.first <= a.last);
}

/** What proves that the subjects overlap; undefined when nothing does. */
function overlapOf(context: LintContext, a: Policy, b: Policy): Evidence[] | undefined {
  const of = new Set(context.pods.selectedBy(a));
  const pods = context.pods.selectedBy(b).filter((pod) => of.has(pod));
  if (pods.length > 0) return pods.map((pod) => podEvidence(pod));
  return subjectContains(a, b) || subjectContains(b, a) ? [] : undefined;
}
