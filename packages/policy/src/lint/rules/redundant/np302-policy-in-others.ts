import type { Policy, Rule } from "../../../policy.js";
import { peersContain, portsContain } from "../../compare/rules.js";
import { circlesOf } from "../../context/circles.js";
import { podEvidence } from "../../context/pods.js";
import type { LintRule } from "../../rule.js";
import { at, count, policyEvidence, policyName, some } from "../say.js";
import { isDefaultDeny } from "./np306-default-deny-twice.js";
import { isVoid } from "./void.js";

export const NP302: LintRule = {
  id: "NP302",
  title: "Policy within others",
  severity: "low",
  needs: "cluster",
  help: {
    why: "On every pod that the policy selects, other policies isolate the same directions and have all of its rules. Without it nothing would change.",
    fix: "Remove the policy.",
  },
  *check(context) {
    const removed = new Set<Policy>();
    // The later of two equal ones is needless, not both.
    for (const policy of context.manifests.policies.toReversed()) {
      if (policy.tier !== "normal" || policy.subject.of !== "pods" || isDefaultDeny(policy))
        continue;
      const pods = context.pods.selectedBy(policy);
      if (pods.length === 0) continue;
      const used = new Set<Policy>();
      const needless = circlesOf(context, policy).every(({ policies }) =>
        hasAll(
          policies.filter((other) => other !== policy && !removed.has(other)),
          policy,
          used,
        ),
      );
      const where = needless && at(context, policy, policy.place);
      if (!where) continue;
      removed.add(policy);
      yield {
        ...where,
        message: `${policyName(policy)} is needless: ${some([...used].map(policyName))} ${used.size === 1 ? "has" : "have"} all of it on every pod that it selects.`,
        evidence: [
          ...[...used].map((other) => policyEvidence(other)),
          ...pods.map((pod) => podEvidence(pod)),
        ],
        basis: count(pods.length, "workload") + " of the input",
      };
    }
  },
};

/** Whether the others isolate alike and have every peer and port of the policy's rules. */
function hasAll(others: readonly Policy[], policy: Policy, used: Set<Policy>): boolean {
  for (const direction of ["ingress", "egress"] as const) {
    if (!policy.isolates[direction]) continue;
    const isolating = others.find((other) => other.isolates[direction]);
    if (!isolating) return false;
    used.add(isolating);
  }
  return policy.rules.every(
    (rule) =>
      isVoid(rule) ||
      parts(rule).every((part) => {
        const owner = others.find((other) => other.rules.some((wider) => has(wider, part)));
        if (owner) used.add(owner);
        return owner !== undefined;
      }),
  );
}

function has(wider: Rule, part: Rule): boolean {
  return (
    wider.section === part.section &&
    wider.authentication === part.authentication &&
    peersContain(wider.peers, part.peers) &&
    portsContain(wider.ports, part.ports)
  );
}

/** Of larger rules only the whole is looked for in another. */
const MAX_PARTS = 1000;

/** One rule for each pair of a peer and a port, because several rules together may have them all. */
function parts(rule: Rule): Rule[] {
  const peers = rule.peers === "any" ? [rule.peers] : rule.peers.map((peer) => [peer]);
  const ports = rule.ports === "any" ? [rule.ports] : rule.ports.map((port) => [port]);
  if (peers.length * ports.length > MAX_PARTS) return [rule];
  return peers.flatMap((one) =>
    ports.map((port) => Object.assign({}, rule, { peers: one, ports: port })),
  );
}
