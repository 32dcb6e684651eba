import type { Policy, Rule } from "../../../policy.js";
import { type Circle, circlesOf } from "../../context/circles.js";
import { servicesOfAny } from "../../context/backends.js";
import type { LintContext } from "../../context/context.js";
import {
  answers,
  type DnsMatch,
  dnsMatches,
  dnsMatchesOf,
  exampleOf,
  isClusterName,
  nameSearchOf,
} from "../../context/dns-rules.js";
import { podEvidence } from "../../context/pods.js";
import type { Service } from "../../../objects.js";
import type { Draft, LintRule } from "../../rule.js";
import { at, policyName, ruleEvidence, ruleName, some } from "../say.js";

export const CN007: LintRule = {
  id: "CN007",
  title: "DNS rule refuses names that pods ask for",
  severity: "high",
  needs: "spec",
  help: {
    why:
      "A pod's resolver first asks for a name with each suffix of its search list (<namespace>.svc.cluster.local, svc.cluster.local, cluster.local). " +
      "Cilium's proxy answers REFUSED to what no DNS rule matches: glibc and Go go on to the next name, musl waits 5 s and gives up. " +
      "Names of Services that no DNS rule matches cannot be resolved at all.",
    fix: 'Also allow the completed names (`matchPattern: "**.cluster.local"`), or set ndots to 1 in the pods\' dnsConfig.',
  },
  *check(context) {
    for (const policy of context.manifests.policies) {
      const rules = policy.rules.filter((rule) => dnsMatchesOf(policy, rule).length > 0);
      if (rules.length === 0) continue;
      const circles = circlesOf(context, policy).map((circle) => ({
        circle,
        dns: dnsMatches(circle.policies),
      }));
      for (const rule of rules) {
        yield* checkSearch(context, policy, rule, circles);
        yield* checkServices(context, policy, rule, circles);
      }
    }
  },
};

interface Part {
  readonly circle: Circle;
  readonly dns: readonly DnsMatch[];
}

function* checkSearch(
  context: LintContext,
  policy: Policy,
  rule: Rule,
  parts: readonly Part[],
): Iterable<Draft> {
  const found = new Map<string, string>();
  for (const { match } of dnsMatchesOf(policy, rule)) {
    const name = exampleOf(match);
    const dots = name.split(".").length - 1;
    // One label is completed in any case; what ends in the cluster's domain is asked in many forms already.
    if (dots === 0 || isClusterName(name)) continue;
    for (const { circle, dns } of parts) {
      const { ndots, searches } = nameSearchOf(context, circle.pods[0]);
      const namespace = circle.pods[0]?.workload.namespace ?? policy.namespace;
      if (!searches || dots >= ndots || namespace === "") continue;
      const refused = [`${namespace}.svc.cluster.local`, "svc.cluster.local", "cluster.local"]
        .map((suffix) => `${name}.${suffix}`)
        .find((completed) => !answers(dns, completed));
      if (refused !== undefined) found.set(name, refused);
    }
  }
  const [first] = found;
  const place = dnsMatchesOf(policy, rule)[0]?.place;
  const where = place && at(context, policy, place);
  if (!first || !where) return;
  const [name, refused] = first;
  const more = found.size > 1 ? `, and likewise for ${some([...found.keys()].slice(1))}` : "";
  yield {
    ...where,
    severity: "medium",
    message:
      `DNS rule of ${ruleName(rule)} of ${policyName(policy)} answers ${name} but refuses ${refused}, ` +
      `which a pod's search list asks for before it${more}; images with musl then fail after 5 s.`,
  };
}

/** Services whose pods the subject may reach, and none of whose names it may ask for. */
function* checkServices(
  context: LintContext,
  policy: Policy,
  rule: Rule,
  parts: readonly Part[],
): Iterable<Draft> {
  for (const { circle, dns } of parts) {
    // Said once, at the first policy that makes DNS a matter of rules for these pods.
    if (circle.pods.length === 0 || dns[0]?.policy !== policy || dns[0].rule !== rule) continue;
    const lost = circle.policies.flatMap((other) =>
      other.rules.flatMap((allowed) => lostServices(context, allowed, dns)),
    );
    const services = [...new Set(lost)];
    const where = at(context, policy, dns[0].place);
    if (services.length === 0 || !where) continue;
    const names = services.map(({ name, namespace }) => `${name}.${namespace}.svc.cluster.local`);
    yield {
      ...where,
      message:
        `DNS rules of ${circle.pods[0]!.workload.namespace}/${circle.pods[0]!.workload.name} refuse ${some(names)}, ` +
        "though policies let it connect to the pods behind.",
      evidence: [
        ...services.map(({ name, namespace, place }) => ({
          kind: "Service",
          namespace,
          name,
          place,
        })),
        podEvidence(circle.pods[0]!),
        ruleEvidence(policy, rule),
      ],
      fix: `Add the names of the Services to the DNS rule, such as matchPattern: "*.${services[0]!.namespace}.svc.cluster.local".`,
    };
  }
}

function lostServices(context: LintContext, rule: Rule, dns: readonly DnsMatch[]): Service[] {
  if (rule.direction !== "egress" || rule.action !== "allow" || rule.peers === "any") return [];
  const toResolver =
    rule.ports !== "any" &&
    rule.ports.some((port) => port.of === "number" && (port.first === 53 || port.first === 5353));
  if (toResolver) return [];
  return rule.peers.flatMap((peer) => {
    if (peer.of !== "endpoints") return [];
    const services = servicesOfAny(context, context.pods.of(peer));
    // Some of them named: then the others are left out on purpose.
    return services.some((service) => mayResolve(service, dns)) ? [] : services;
  });
}

function mayResolve({ name, namespace }: Service, dns: readonly DnsMatch[]): boolean {
  return answers(dns, `${name}.${namespace}.svc.cluster.local`);
}
