import type { RuleFinding, RulesAnswer, RuleUse, ObservedTraffic } from "@dropscope/model";
import { type Finding, matchContext, type Policy, type Rule } from "@dropscope/policy";
import { objectKey, type TuningCluster } from "../cluster/index.js";
import { connectionOfEdge, evidenceOf } from "../traffic/index.js";
import { neverUsed, outdone } from "./findings.js";
import { createHitBook, type HitBook, type Hits } from "./hits.js";
import { createJudge } from "./judge.js";
import { lintOfCluster, type RuleLints, ruleLints } from "./lints.js";
import { namesFrom } from "./names.js";
import { knowsNames, overBroad, type OverBroadInput } from "./over-broad.js";
import { stepsOf } from "./steps.js";
import { ruleSentence } from "./words.js";
import type { Naming } from "../repair/naming.js";
import { createUnknowns } from "./unknowns.js";
import { namingOf, workloadCounts } from "./workloads.js";

export interface RulesOptions {
  /** Only policies of this namespace; empty for clusterwide ones. The traffic of all that they select must be given. */
  readonly namespace?: string;
  /**
   * Namespaces whose traffic is given whole; all when absent. Of other policies, clusterwide ones too, nothing is told:
   * what carried their rules may not be among what was given.
   */
  readonly visible?: readonly string[];
  /** Rules that are told, at most. Default 5,000; findings come first when there are more. */
  readonly most?: number;
  /**
   * Lints of these policies where they were made already, with the policy's own namespace and name in
   * `object`. Made here when absent, which takes a second for each thousand policies.
   */
  readonly lints?: readonly Finding[];
}

const MOST_RULES = 5_000;

/**
 * What used each rule of the policies in force, and what looks wrong about it. Flows of which the data
 * path named policies count for these, all others for the rules that decide by our evaluation.
 */
export function useOfRules(
  traffic: ObservedTraffic,
  cluster: TuningCluster,
  options: RulesOptions = {},
): RulesAnswer {
  const { namespace, visible, most = MOST_RULES } = options;
  const context = matchContext({ ...cluster.profile, audit: false }, cluster.view.context());
  const steps = stepsOf(traffic.sinceNs, traffic.untilNs);
  const book = createHitBook(steps);
  const judge = createJudge(cluster.policies, context);
  const named = namesFrom(traffic);
  const unknowns = createUnknowns();
  for (const edge of traffic.edges) {
    const found = connectionOfEdge(edge, cluster.moment);
    if (!found.known) {
      unknowns.add(found.why, edge);
      continue;
    }
    const connection = named(found.connection);
    for (const side of judge(connection)) book.add(edge, connection, side);
  }
  const evidence = evidenceOf(traffic, unknowns.list());
  const lints = ruleLints(options.lints ?? lintOfCluster(cluster));
  const workloads = workloadCounts(cluster);
  let known: Naming | undefined;
  const naming = (): Naming => (known ??= namingOf(cluster));
  const told = {
    book,
    evidence,
    lints,
    context,
    workloads,
    cluster,
    naming,
    hours: traffic.hours,
  };
  const rules = cluster.policies
    .filter((policy) => namespace === undefined || policy.namespace === namespace)
    .filter((policy) => visible === undefined || visible.includes(policy.namespace))
    .flatMap((policy) => policy.rules.map((rule) => ({ policy, rule })))
    .filter(({ rule }) => rule.action !== "pass" && rule.derived !== true)
    .map(({ policy, rule }) => tell(policy, rule, told));
  // Where not all can be told, those that somebody should look at come before the rest.
  const kept =
    rules.length <= most
      ? rules
      : [
          ...rules.filter(({ findings }) => findings.length > 0),
          ...rules.filter(({ findings }) => findings.length === 0),
        ].slice(0, most);
  return { at: cluster.at, evidence, rules: kept, more: rules.length - kept.length };
}

interface Telling extends Pick<OverBroadInput, "evidence" | "context" | "workloads" | "naming"> {
  readonly book: HitBook;
  readonly lints: RuleLints;
  readonly cluster: TuningCluster;
  readonly hours: readonly number[];
}

function tell(policy: Policy, rule: Rule, telling: Telling): RuleUse {
  const { book, cluster } = telling;
  const hits = book.of(policy, rule);
  const { kind, namespace, name } = policy;
  const source = cluster.sources.get(objectKey(policy));
  const isSeen = hits.edges > 0;
  return {
    policy: { kind, namespace, name },
    path: rule.place.path,
    line: source?.placeOf(rule.place.path).line ?? 0,
    direction: rule.direction,
    action: rule.action === "deny" ? "deny" : "allow",
    says: ruleSentence(policy, rule),
    flows: hits.hubble + hits.evaluated,
    edges: hits.edges,
    firstSeen: isSeen ? Number(hits.firstNs / 1_000_000n) : null,
    lastSeen: isSeen ? Number(hits.lastNs / 1_000_000n) : null,
    trend: hits.trend.map(Math.round),
    attributed: { hubble: hits.hubble, evaluated: hits.evaluated },
    findings: findingsOf(hits, telling),
  };
}

function findingsOf(hits: Hits, telling: Telling): RuleFinding[] {
  const { book, evidence, lints, cluster } = telling;
  const { policy, rule } = hits.ref;
  const linted = lints.of(policy, rule);
  const broad = overBroad(hits, {
    ...telling,
    source: cluster.sources.get(objectKey(policy)),
    names: knowsNames(policy.rules),
  });
  const since = cluster.since.get(objectKey(policy)) ?? Number.NEGATIVE_INFINITY;
  const unused = neverUsed(hits, {
    evidence,
    hours: telling.hours,
    since: since > evidence.from ? since : undefined,
    seen: book.seen(policy, rule.direction),
  });
  // What a lint proves needs no statistics beside it.
  const other = linted.some(({ kind }) => kind !== "stale-selector") ? undefined : outdone(hits);
  return [unused, broad, other, ...linted].filter((one) => one !== undefined);
}
