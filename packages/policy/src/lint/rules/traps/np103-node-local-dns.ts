import { circlesOf } from "../../context/circles.js";
import type { LintContext } from "../../context/context.js";
import { canAsk, isDnsRule, kubeDns, nodeLocal } from "../../context/resolvers.js";
import { ruleMatches } from "../../context/reach.js";
import type { Evidence } from "../../finding.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

export const NP103: LintRule = {
  id: "NP103",
  title: "DNS rule for pods where the node answers",
  severity: "high",
  needs: "cluster",
  help: {
    why: "With NodeLocal DNSCache a pod asks an address of its own node, and what answers there is on the host network. A selector of the DNS pods does not mean it, so that no query gets out.",
    fix: "Allow UDP and TCP 53 to ipBlock 169.254.20.10/32; in Cilium to `toEntities: [host]`.",
  },
  *check(context) {
    const { settings, objects } = context;
    if (settings.resolver !== "node-local") return;
    // A redirect policy leads queries to the cache's pods by their labels.
    if (objects.ofKind("CiliumLocalRedirectPolicy").length > 0 || !onHostNetwork(context)) return;
    const pods = kubeDns(context);
    for (const policy of context.manifests.policies)
      for (const rule of policy.rules) {
        const forPods =
          isDnsRule(rule) &&
          pods.some(({ endpoint, port }) =>
            ruleMatches(
              rule,
              {
                direction: "egress",
                remote: endpoint,
                destination: endpoint,
                protocol: "UDP",
                port,
              },
              context.match,
            ),
          );
        if (!forPods) continue;
        const blind = circlesOf(context, policy).some(
          ({ policies }) => !canAsk(context, policies, nodeLocal(), "UDP"),
        );
        const where = blind ? at(context, policy, rule.place) : undefined;
        if (where)
          yield {
            ...where,
            message: `${ruleName(rule)} of ${policyName(policy)} allows DNS to pods, but here the node itself answers (NodeLocal DNSCache), which no rule allows.`,
            evidence: cacheEvidence(context),
          };
      }
  },
};

/** The cache may also run with an address of its own behind a redirect; unknown is the usual way. */
function onHostNetwork({ manifests }: LintContext): boolean {
  const cache = manifests.workloads.filter(
    ({ kind, name }) => kind === "DaemonSet" && isCache(name),
  );
  return cache.length === 0 || cache.some(({ hostNetwork }) => hostNetwork);
}

function cacheEvidence({ manifests }: LintContext): Evidence[] {
  return manifests.workloads
    .filter(({ kind, name }) => kind === "DaemonSet" && isCache(name))
    .map(({ kind, namespace, name, place }) => ({
      kind,
      namespace,
      name,
      place,
      note: "hostNetwork: true",
    }));
}

const isCache = (name: string): boolean => name === "node-local-dns" || name === "nodelocaldns";
