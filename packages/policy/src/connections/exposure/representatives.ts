import { matchesSelector } from "../../match/selector.js";
import type { Policy } from "../../policy.js";
import { NAMESPACE_LABEL_PREFIX } from "../../selector.js";
import { NAME_LABEL, type WorkloadEnd } from "../ends.js";
import {
  type Condition,
  conditionsText,
  isEntireCluster,
  meaningOf,
  type PeerConditions,
  type RuleConditions,
} from "./selectors.js";

/** All pods that some rule's selectors mean, whether there are any yet or not. */
export interface Representative {
  /** `[namespace with {env=prod}]/[pod with {app=web}]`, `ns/[all pods]` */
  readonly text: string;
  readonly conditions: PeerConditions;
}

/**
 * One for each distinct pair of selectors that rules name, in written order. Pairs
 * of plain labels that a workload of the manifests already has are left out: the
 * connection list speaks of them.
 */
export function representatives(
  policies: readonly Policy[],
  rules: RuleConditions,
  workloads: readonly WorkloadEnd[],
): Representative[] {
  const found = new Map<string, Representative>();
  for (const policy of policies)
    for (const rule of policy.rules)
      for (const conditions of rules.of(rule)) {
        if (isEntireCluster(conditions)) continue;
        const key = `${meaningOf(conditions.namespaces)}/${meaningOf(conditions.pods)}`;
        if (!found.has(key)) found.set(key, { conditions, text: representativeText(conditions) });
      }
  return [...found.values()].filter(
    ({ conditions }) => !workloads.some((workload) => isMet(conditions, workload)),
  );
}

/**
 * Whether a rule's peer means everybody that the representative stands for: each of
 * its selectors is empty or the very same. Selectors that only overlap do not count.
 */
export function coversRepresentative(
  peer: PeerConditions,
  { conditions }: Representative,
): boolean {
  return (["namespaces", "pods"] as const).every(
    (part) => peer[part].length === 0 || meaningOf(peer[part]) === meaningOf(conditions[part]),
  );
}

function representativeText({ namespaces, pods }: PeerConditions): string {
  const where = onlyName(namespaces) ?? describe(namespaces, "namespace", "[all namespaces]");
  return `${where}/${describe(pods, "pod", "[all pods]")}`;
}

function onlyName(namespaces: readonly Condition[]): string | undefined {
  const [only, ...others] = namespaces;
  if (only === undefined || others.length > 0) return undefined;
  const { key, values } = only.requirement;
  return only.plain && key === NAME_LABEL ? values[0] : undefined;
}

function describe(conditions: readonly Condition[], what: string, all: string): string {
  return conditions.length === 0 ? all : `[${what} with {${conditionsText(conditions)}}]`;
}

function isMet({ namespaces, pods }: PeerConditions, { endpoint }: WorkloadEnd): boolean {
  const all = [...namespaces, ...pods];
  if (namespaces.length === 0 || pods.length === 0 || !all.every(({ plain }) => plain))
    return false;
  const requirements = [
    ...namespaces.map(({ requirement }) => ({
      ...requirement,
      key: NAMESPACE_LABEL_PREFIX + requirement.key,
    })),
    ...pods.map(({ requirement }) => requirement),
  ];
  return matchesSelector({ requirements }, endpoint.labels);
}
