import type { RuleFinding } from "@dropscope/model";
import {
  type CatalogObject,
  type Finding,
  lint,
  mergeManifests,
  parseManifests,
  type Policy,
  type Rule,
} from "@dropscope/policy";
import { catalogManifests, type TuningCluster } from "../cluster/index.js";
import { policyKey } from "./judge.js";

/** Lints that say something about the use of a rule, and what. */
const KINDS: Readonly<Record<string, RuleFinding["kind"]>> = {
  NP301: "duplicate",
  NP302: "duplicate",
  NP303: "duplicate",
  NP203: "shadowed",
  CN013: "shadowed",
  NP011: "stale-selector",
  NP012: "stale-selector",
  NP014: "stale-selector",
  NP015: "stale-selector",
  CN024: "stale-selector",
};

export const RULE_LINTS: readonly string[] = Object.keys(KINDS);

/** What lints say about single rules: `of` gives the findings of one. */
export interface RuleLints {
  of(policy: Policy, rule: Rule): readonly RuleFinding[];
}

/** @param findings of any lints; those that are not about the use of rules are passed over */
export function ruleLints(findings: readonly Finding[]): RuleLints {
  const byPolicy = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (KINDS[finding.id] === undefined) continue;
    const key = policyKey(finding.object);
    const some = byPolicy.get(key);
    if (some === undefined) byPolicy.set(key, [finding]);
    else some.push(finding);
  }
  return {
    of: (policy, rule) => {
      const found = (byPolicy.get(policyKey(policy)) ?? []).flatMap((finding) => {
        const kind = KINDS[finding.id] as RuleFinding["kind"];
        return isAbout(finding, policy, rule) ? [{ kind, says: finding.message, yaml: "" }] : [];
      });
      return found;
    },
  };
}

function isAbout(finding: Finding, policy: Policy, rule: Rule): boolean {
  // It stands at the rule that allows everything, and is about those beside it.
  if (finding.id === "NP203")
    return finding.evidence.some(
      ({ place, name }) => name === policy.name && place?.path === rule.place.path,
    );
  const { path } = finding.place;
  if (isWithin(path, rule.place.path)) return true;
  // At the policy or at its subject: all of its rules are meant.
  return !inRule.test(path) && isOfSpec(path, policy);
}

const inRule = /^(spec|specs\[\d+\])\.(ingress|ingressDeny|egress|egressDeny)\[/;

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}

/** A policy of several specs has subjects of its own for each. */
function isOfSpec(path: string, policy: Policy): boolean {
  const spec = /^(spec|specs\[\d+\])/.exec(path)?.[1];
  return spec === undefined || policy.subject.place.path.startsWith(spec);
}

/**
 * Lints the policies of a cluster with everything else that is known of it. Pods that only flows tell of are
 * left out: who was not seen may be there all the same.
 */
export function lintOfCluster({ objects, sources, profile }: TuningCluster): Finding[] {
  const known = catalogManifests(objects.filter((object) => !isInferred(object)));
  const policies = [...sources].map(([key, { value, namespace }]) =>
    parseManifests(JSON.stringify(value), key, { cluster: profile.cluster, namespace }),
  );
  return lint(mergeManifests([...policies, known]), { profile, only: RULE_LINTS });
}

/** `inferObjects` gives what it makes no file of anybody's. */
function isInferred(object: CatalogObject): boolean {
  const isPlaced = object.kind === "Pod" || object.kind === "Namespace";
  return isPlaced && object.value.place?.file === "flows";
}
