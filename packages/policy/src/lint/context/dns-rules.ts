import { matchesName } from "../../match/fqdn.js";
import type { FqdnMatch, Policy, Rule } from "../../policy.js";
import type { Place } from "../../place.js";
import { list, record, text } from "./raw.js";
import type { LintContext } from "./context.js";
import type { Pod } from "./pods.js";

/** One name or pattern of a `rules.dns` list: queries for it are answered through Cilium's proxy. */
export interface DnsMatch {
  readonly policy: Policy;
  readonly rule: Rule;
  readonly match: FqdnMatch;
  /** Of the `rules` that it stands in. */
  readonly place: Place;
}

export function dnsMatches(policies: readonly Policy[]): DnsMatch[] {
  return policies.flatMap((policy) => policy.rules.flatMap((rule) => dnsMatchesOf(policy, rule)));
}

export function dnsMatchesOf(policy: Policy, rule: Rule): DnsMatch[] {
  if (rule.action !== "allow" || rule.direction !== "egress" || rule.ports === "any") return [];
  return rule.ports.flatMap(({ l7 }) =>
    l7?.kind === "dns" ? l7.dns.map((match) => ({ policy, rule, match, place: l7.place })) : [],
  );
}

/** Whether any rule answers queries of this name. */
export function answers(matches: readonly DnsMatch[], name: string): boolean {
  return matches.some(({ match }) => matchesName(match, name));
}

export function textOf(match: FqdnMatch): string {
  return match.kind === "name" ? match.name : match.pattern;
}

/** A name that the match is for: the name itself, or the pattern with a word for each star. */
export function exampleOf(match: FqdnMatch): string {
  return match.kind === "name"
    ? match.name.replace(/\.$/, "").toLowerCase()
    : match.pattern.replace(/\.$/, "").toLowerCase().replaceAll(/\*+/g, "x");
}

/** Names that only the cluster's own DNS knows. */
export function isClusterName(name: string): boolean {
  return /(^|\.)(svc|pod)(\.cluster\.local)?\.?$/i.test(name) || /\.cluster\.local\.?$/i.test(name);
}

/** What the input says of how a pod's names are completed. */
export interface NameSearch {
  /** Dots from which on a name is first asked as it is; 5 unless the pod says otherwise. */
  readonly ndots: number;
  /** Whether the cluster's search list applies at all. */
  readonly searches: boolean;
}

export function nameSearchOf(context: LintContext, pod: Pod | undefined): NameSearch {
  const spec = pod === undefined ? {} : podSpec(context, pod);
  const policy = text(spec["dnsPolicy"]);
  const options = list(record(spec["dnsConfig"])["options"]).map(record);
  const ndots = Number(text(options.find((option) => option["name"] === "ndots")?.["value"]));
  return {
    ndots: Number.isInteger(ndots) && ndots > 0 ? ndots : 5,
    searches: policy !== "Default" && policy !== "None",
  };
}

/** As written: of the pod itself, or of the template of its workload. */
export function podSpec(context: LintContext, pod: Pod): Readonly<Record<string, unknown>> {
  const { kind, namespace, name } = pod.workload;
  const written = record(context.objects.get(kind, namespace, name)?.value["spec"]);
  if (kind === "Pod") return written;
  const job = kind === "CronJob" ? record(record(written["jobTemplate"])["spec"]) : written;
  return record(record(job["template"])["spec"]);
}
