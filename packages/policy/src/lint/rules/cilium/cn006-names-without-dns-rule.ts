import { matchesName } from "../../../match/fqdn.js";
import type { FqdnMatch, Policy } from "../../../policy.js";
import { type Circle, circlesOf } from "../../context/circles.js";
import type { LintContext } from "../../context/context.js";
import { answers, type DnsMatch, dnsMatches, textOf } from "../../context/dns-rules.js";
import { podEvidence } from "../../context/pods.js";
import type { Draft, LintRule } from "../../rule.js";
import { at, basisOf, policyName, ruleEvidence, ruleName, some } from "../say.js";

export const CN006: LintRule = {
  id: "CN006",
  title: "toFQDNs without a DNS rule",
  severity: "high",
  needs: "spec",
  help: {
    why:
      "toFQDNs matches addresses that Cilium's DNS proxy saw in answers to the same pod. " +
      "Without a rule with `rules.dns` for the pod's DNS traffic, or when that rule refuses the name, no address is ever seen.",
    fix: 'Allow the DNS traffic of the pods on port 53 with `rules: {dns: [{matchName: <name>}]}` or `matchPattern: "*"`.',
  },
  *check(context) {
    for (const policy of context.manifests.policies)
      if (
        policy.kind.startsWith("Cilium") &&
        policy.rules.some(({ peers }) => peers !== "any" && peers.some(({ of }) => of === "fqdn"))
      )
        yield* checkPolicy(context, policy);
  },
};

function* checkPolicy(context: LintContext, policy: Policy): Iterable<Draft> {
  const circles = circlesOf(context, policy).map((circle) => ({
    circle,
    dns: dnsMatches(circle.policies),
  }));
  const silent = circles.filter(({ dns }) => dns.length === 0);
  for (const rule of policy.rules) {
    if (rule.peers === "any" || rule.action !== "allow") continue;
    const names = rule.peers.filter((peer) => peer.of === "fqdn");
    const [first] = names;
    if (!first) continue;
    const wanted = some(names.map(({ name }) => textOf(name)));
    if (silent.length > 0) {
      const where = at(context, policy, first.place);
      if (where)
        yield {
          on: where.on,
          path: where.path.slice(0, -1),
          message:
            `${ruleName(rule)} of ${policyName(policy)} allows ${wanted} by name, but no policy sends the ` +
            `DNS queries of ${whom(silent)} through Cilium's proxy, so that the names match no address.`,
          ...evidence(silent),
          basis: basisOf(context),
        };
      continue;
    }
    for (const peer of names) {
      const refused = circles.filter(({ dns }) => !mayAnswer(dns, peer.name));
      const where = at(context, policy, peer.place);
      if (refused.length === 0 || !where) continue;
      yield {
        ...where,
        message:
          `${ruleName(rule)} of ${policyName(policy)} allows ${textOf(peer.name)}, but the DNS rules of ` +
          `${whom(refused)} refuse that query, so that the name matches no address.`,
        evidence: refused
          .flatMap(({ dns }) => dns)
          .map((dns) => ruleEvidence(dns.policy, dns.rule)),
        fix: `Add ${peer.name.kind === "name" ? "matchName" : "matchPattern"}: ${textOf(peer.name)} to the DNS rule.`,
      };
    }
  }
}

/** Unless it is certain that no query for the name is answered. */
function mayAnswer(dns: readonly DnsMatch[], wanted: FqdnMatch): boolean {
  if (wanted.kind === "name") return answers(dns, wanted.name);
  // Of two patterns it is not told whether a name has both.
  return dns.some(({ match }) => match.kind === "pattern" || matchesName(wanted, match.name));
}

type Part = { readonly circle: Circle };

function whom(parts: readonly Part[]): string {
  const pods = parts.flatMap(({ circle }) => circle.pods);
  return pods.length === 0
    ? "its pods"
    : some(
        pods.map(({ workload }) => `${workload.namespace}/${workload.name}`),
        2,
      );
}

function evidence(parts: readonly Part[]): Pick<Draft, "evidence"> {
  return { evidence: parts.flatMap(({ circle }) => circle.pods).map((pod) => podEvidence(pod)) };
}
