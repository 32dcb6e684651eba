import type { L7Rules, Policy, PortMatch, Rule } from "../../../policy.js";
import { circlesOf } from "../../context/circles.js";
import { peersContain, subjectContains } from "../../compare/rules.js";
import type { LintContext } from "../../context/context.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleEvidence, ruleName } from "../say.js";

export const CN014: LintRule = {
  id: "CN014",
  title: "L7 rule that a plain allow makes void",
  severity: "medium",
  needs: "spec",
  help: {
    why:
      "Allows add up. A port that is allowed plainly to the same peers, by another rule or policy, accepts every request: " +
      "the traffic still goes through the proxy, but the L7 rules restrict nothing.",
    fix: "Give the plain port the same L7 rules, or remove it.",
  },
  *check(context) {
    for (const policy of context.manifests.policies)
      for (const rule of policy.rules)
        for (const port of restricted(rule)) {
          const open = plainAllow(context, policy, rule, port);
          const where = at(context, policy, port.l7!.place);
          if (!open || !where) continue;
          const number = port.of === "name" ? port.name : String(port.first);
          yield {
            ...where,
            message:
              `L7 rules of ${ruleName(rule)} of ${policyName(policy)} on port ${number} restrict nothing: ` +
              `${ruleName(open.rule)} of ${policyName(open.policy)} allows the port without any to the same peers.`,
            evidence: [ruleEvidence(open.policy, open.rule)],
          };
        }
  },
};

function restricted({ action, ports }: Rule): PortMatch[] {
  if (action !== "allow" || ports === "any") return [];
  return ports.filter(({ l7 }) => l7 !== undefined && restricts(l7));
}

/** Rules that match everything are there to watch, or for toFQDNs to learn names. */
function restricts({ kind, http, dns }: L7Rules): boolean {
  if (kind === "dns")
    return !dns.some((match) => match.kind === "pattern" && match.pattern === "*");
  if (kind === "http")
    return !http.some(
      ({ method, path, host, headers }) =>
        headers.length === 0 && [method, path, host].every((part) => part === undefined),
    );
  return kind === "kafka";
}

/** A rule that names the very port. One without ports does not count: the more specific L7 rule still wins over it. */
function plainAllow(
  context: LintContext,
  policy: Policy,
  rule: Rule,
  port: PortMatch,
): { policy: Policy; rule: Rule } | undefined {
  const circles = circlesOf(context, policy);
  const candidates = new Set(circles.flatMap(({ policies }) => policies));
  for (const other of candidates) {
    const open = other.rules.find(
      (one) =>
        one.action === "allow" &&
        one.direction === rule.direction &&
        one.ports !== "any" &&
        one.ports.some((plain) => plain.l7 === undefined && samePort(plain, port)) &&
        peersContain(one.peers, rule.peers),
    );
    if (!open) continue;
    const everywhere =
      subjectContains(other, policy) ||
      circles.every(({ pods, policies }) => pods.length > 0 && policies.includes(other));
    if (everywhere) return { policy: other, rule: open };
  }
  return undefined;
}

function samePort(plain: PortMatch, l7: PortMatch): boolean {
  if (!l7.protocols.every((protocol) => plain.protocols.includes(protocol))) return false;
  if (plain.of === "name" || l7.of === "name")
    return plain.of === "name" && l7.of === "name" && plain.name === l7.name;
  return plain.first === l7.first && plain.last === l7.last;
}
