import type { PatchOperation } from "../../../patch/patch.js";
import { rulesIn } from "../../../match/rules.js";
import type { Policy, Rule } from "../../../policy.js";
import { type Circle, circlesOf } from "../../context/circles.js";
import type { LintContext } from "../../context/context.js";
import { podEvidence } from "../../context/pods.js";
import { isolated } from "../../context/reach.js";
import { asksAddresses, canAsk, dnsServers, kubeDns } from "../../context/resolvers.js";
import { podConditions } from "../../context/selectors.js";
import type { LintRule } from "../../rule.js";
import { count, policyEvidence, policyName, some } from "../say.js";
import { addRule, dnsRule } from "./dns-patch.js";
import { broadest, isUnused } from "./whom.js";

export const NP101: LintRule = {
  id: "NP101",
  title: "Egress is denied and DNS is not allowed",
  severity: "high",
  needs: "spec",
  help: {
    why: "Once egress is restricted a pod can resolve no name unless a rule allows the cluster's DNS. Every connection by name then stalls for 5 to 40 seconds and fails.",
    fix: "Add an egress rule to the cluster's DNS pods for UDP and TCP 53 (5353 on OpenShift), or to 169.254.20.10 where NodeLocal DNSCache answers.",
  },
  *check(context) {
    const found = new Map<Policy, Circle[]>();
    const seen = new Set<string>();
    const order = new Map(context.manifests.policies.map((policy, index) => [policy, index]));
    for (const policy of context.manifests.policies) {
      if (policy.tier !== "normal" || policy.subject.of !== "pods" || !policy.isolates.egress)
        continue;
      if (isUnused(context, policy)) continue;
      for (const circle of circlesOf(context, policy)) {
        const key = circle.policies.map((one) => order.get(one)).join();
        if (circle.pods.length > 0 && seen.has(key)) continue;
        seen.add(key);
        if (!lacksDns(context, circle)) continue;
        const blamed =
          circle.pods.length === 0 ? policy : broadest(context, circle.policies, "egress");
        const circles = found.get(blamed);
        if (circles) circles.push(circle);
        else found.set(blamed, [circle]);
      }
    }
    for (const [policy, circles] of found) {
      const on = context.objects.ofPolicy(policy);
      if (!on) continue;
      const pods = circles.flatMap((circle) => circle.pods);
      const whom =
        pods.length === 0
          ? "the pods that it selects"
          : some(pods.map(({ workload: { namespace, name } }) => `${namespace}/${name}`));
      const others = new Set(circles.flatMap(({ policies }) => policies));
      others.delete(policy);
      const operations: readonly PatchOperation[] | undefined = addRule(
        on,
        policy,
        dnsRule(context, policy),
      );
      yield {
        on,
        path: policy.kind === "NetworkPolicy" ? ["spec", "egress"] : [],
        severity: isLeaf(policy, circles) ? "medium" : "high",
        message: `${policyName(policy)} restricts egress of ${whom}, and no policy allows UDP port 53 to the cluster's DNS: names cannot be resolved.`,
        evidence:
          pods.length > 0
            ? pods.slice(0, 5).map((pod) => podEvidence(pod))
            : [...others].slice(0, 5).map((other) => policyEvidence(other, "allows no DNS either")),
        basis: `${pods.length === 0 ? "the policies alone" : count(pods.length, "workload")}, resolver ${context.settings.resolver ?? "not known: any would do"}`,
        ...(operations ? { operations } : {}),
      };
    }
  },
};

/** Pods chosen by their labels that may not connect anywhere are most likely servers that never do. */
function isLeaf({ subject }: Policy, circles: readonly Circle[]): boolean {
  return (
    podConditions(subject.selector).length > 0 &&
    circles.every(({ policies }) =>
      policies.every((one) => rulesIn(one, "egress").every(isForNobody)),
    )
  );
}

/** Cilium's way to write a default deny is a rule that names nobody. */
function isForNobody({ action, peers }: Rule): boolean {
  return action !== "allow" || (peers !== "any" && peers.length === 0);
}

function lacksDns(context: LintContext, { policies, pods }: Circle): boolean {
  if (!isolated(policies, "egress") || asksAddresses(context, policies)) return false;
  // The DNS pods themselves ask others.
  const servers = dnsServers(context);
  if (pods.length > 0 && pods.every((pod) => servers.some((one) => one.endpoint === pod.endpoint)))
    return false;
  if (canAsk(context, policies, servers, "UDP")) return false;
  // Who allows the DNS pods where the node answers has thought of DNS, and NP103 tells the mistake.
  return (
    context.settings.resolver !== "node-local" ||
    !canAsk(context, policies, kubeDns(context), "UDP")
  );
}
