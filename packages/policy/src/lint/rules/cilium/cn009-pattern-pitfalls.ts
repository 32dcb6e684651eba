import { matchesName } from "../../../match/fqdn.js";
import { circlesOf } from "../../context/circles.js";
import type { CiliumSpecView } from "../../context/cilium-policies.js";
import type { LintContext } from "../../context/context.js";
import { answers, dnsMatches, textOf } from "../../context/dns-rules.js";
import { type Json, record, text } from "../../context/raw.js";
import type { Draft, LintRule, Path } from "../../rule.js";
import { at, policyName, ruleEvidence, some } from "../say.js";
import { objects, portEntries } from "./l3.js";

export const CN009: LintRule = {
  id: "CN009",
  title: "Name pattern that does not match what it seems to",
  severity: "error",
  needs: "spec",
  help: {
    why:
      "In matchPattern, `*` is any run of characters but the dot, and nothing else is special: `*.a.com` matches neither a.com nor x.y.a.com, " +
      "and regular expressions are refused or match nothing. matchName has no wildcards at all.",
    fix: "Write `*` for one label, a leading `**.` for one label or more, and the bare domain as a matchName of its own.",
  },
  *check(context) {
    for (const view of context.ciliumSpecs) {
      yield* checkSyntax(view);
      yield* checkReach(context, view);
    }
  },
};

function* checkSyntax({ source, title, rules }: CiliumSpecView): Iterable<Draft> {
  for (const rule of rules) {
    const names = objects(rule.value["toFQDNs"], [...rule.path, "toFQDNs"]);
    for (const entry of portEntries(rule))
      names.push(...objects(record(entry.value["rules"])["dns"], [...entry.path, "rules", "dns"]));
    for (const { path, value } of names) {
      const draft = wrongName(path, value) ?? wrongPattern(path, value);
      if (draft)
        yield { on: source, ...draft, message: `${source.kind} ${title} has ${draft.message}` };
    }
  }
}

type Wrong = Omit<Draft, "on">;

function wrongName(path: Path, value: Json): Wrong | undefined {
  const name = text(value["matchName"]);
  if (!name.includes("*")) return undefined;
  return {
    path: [...path, "matchName"],
    message: `matchName: ${name}, for which Cilium refuses the policy: only matchPattern has wildcards.`,
    ...(Object.hasOwn(value, "matchPattern")
      ? {}
      : { operations: [{ op: "replace", path, value: { matchPattern: name } }] }),
  };
}

function wrongPattern(path: Path, value: Json): Wrong | undefined {
  const pattern = text(value["matchPattern"]);
  const at = [...path, "matchPattern"];
  const special = /[^\w.*-]/.exec(pattern)?.[0];
  if (special !== undefined)
    return {
      path: at,
      message: `matchPattern: ${pattern}, for which Cilium refuses the policy: ${JSON.stringify(special)} cannot be in a pattern, which is no regular expression.`,
    };
  if (pattern.startsWith("."))
    return {
      path: at,
      severity: "medium",
      message: `matchPattern: ${pattern}, which matches no name: the dot in front is taken literally, as in no regular expression.`,
    };
  return undefined;
}

/** What the policies themselves show to be wanted: a name that is resolved, or Services, which have two labels in front. */
function* checkReach(context: LintContext, { policy }: CiliumSpecView): Iterable<Draft> {
  if (!policy) return;
  for (const rule of policy.rules) {
    const patterns = (rule.peers === "any" ? [] : rule.peers).filter(
      (peer) =>
        peer.of === "fqdn" && peer.name.kind === "pattern" && /^\*\.[^*]+$/.test(peer.name.pattern),
    );
    for (const peer of patterns) {
      if (peer.of !== "fqdn" || peer.name.kind !== "pattern") continue;
      const domain = peer.name.pattern.slice(2).replace(/\.$/, "").toLowerCase();
      const lost = circlesOf(context, policy).flatMap(({ policies }) => {
        const reached = policies.flatMap((other) =>
          other.rules.flatMap(({ peers }) =>
            peers === "any" ? [] : peers.flatMap((one) => (one.of === "fqdn" ? one.name : [])),
          ),
        );
        return dnsMatches(policies).filter(({ match }) => {
          if (match.kind !== "name") return false;
          const name = match.name.replace(/\.$/, "").toLowerCase();
          const below = name === domain || name.endsWith(`.${domain}`);
          return below && !reached.some((wanted) => matchesName(wanted, name));
        });
      });
      const where = at(context, policy, peer.place);
      if (lost.length === 0 || !where) continue;
      const names = [...new Set(lost.map(({ match }) => textOf(match)))];
      yield {
        ...where,
        severity: "medium",
        message: `matchPattern ${peer.name.pattern} of ${policyName(policy)} does not match ${some(names)}, whose DNS queries are allowed and which nothing else lets through.`,
        evidence: lost.map((dns) => ruleEvidence(dns.policy, dns.rule)),
        fix:
          some(
            [
              ...(names.includes(domain) ? [`matchName: ${domain}`] : []),
              ...(names.some((name) => name !== domain) ? [`matchPattern: "**.${domain}"`] : []),
            ].map((entry) => `add ${entry}`),
          ).replace("add", "Add") + " beside the pattern.",
      };
    }
  }
  yield* checkServiceNames(context, policy);
}

const TOO_SHORT = new Set(["*.svc.cluster.local", "*.cluster.local"]);

function* checkServiceNames(
  context: LintContext,
  policy: NonNullable<CiliumSpecView["policy"]>,
): Iterable<Draft> {
  const short = dnsMatches([policy]).filter(({ match }) => TOO_SHORT.has(textOf(match)));
  for (const { match, place } of short) {
    const covered = circlesOf(context, policy).every(({ policies }) => {
      const others = dnsMatches(policies).filter((dns) => !TOO_SHORT.has(textOf(dns.match)));
      // Whoever lets any name of a Service through has these short ones for the search list.
      return (
        answers(others, "x.x.svc.cluster.local") ||
        others.some((dns) => /\..+\.svc\.cluster\.local\.?$/.test(textOf(dns.match)))
      );
    });
    const where = at(context, policy, place);
    if (covered || !where) continue;
    yield {
      ...where,
      severity: "medium",
      message: `DNS pattern ${textOf(match)} of ${policyName(policy)} matches no Service: their names have two labels in front, <service>.<namespace>.svc.cluster.local.`,
      fix: 'Write matchPattern: "*.*.svc.cluster.local".',
    };
  }
}
