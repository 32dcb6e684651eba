import type { FindingCounts, PoliciesAnswer, PolicyRow, Problem, Viewer } from "@dropscope/model";
import { FINDING_SEVERITIES } from "@dropscope/model";
import type { Finding } from "@dropscope/policy";
import type { Knowledge } from "../knowledge.js";
import { spanOf } from "../problems/texts.js";
import { POLICY_KINDS, worldAt } from "../world/world.js";
import type { Linter } from "./linter.js";
import { isolates, keyOf, policyOf } from "./policies-of.js";
import { createSelections } from "./selection.js";

const NS_PER_MS = 1_000_000n;
const ACTIVE_MS = 24 * 3_600_000;
const MOST_PROBLEMS = 3_000;

/** The policies of one moment (ms), with what is wrong with each and what each has to do with. */
export async function listPolicies(
  knowledge: Knowledge,
  linter: Linter,
  viewer: Viewer,
  at: number,
  signal: AbortSignal,
): Promise<Pick<PoliciesAnswer, "at" | "policies">> {
  const [world, problems, versions] = await Promise.all([
    worldAt(knowledge, viewer, at, "all", signal),
    problemsAround(knowledge, viewer, at, signal),
    knowledge.objects.versions({ viewer, until: at, kinds: POLICY_KINDS }, signal),
  ]);
  const findings = await linter.findings(world, viewer, signal);
  const selections = createSelections(world);
  const counts = new Map<string, number>();
  for (const version of versions) counts.set(keyOf(version), (counts.get(keyOf(version)) ?? 0) + 1);
  const byPolicy = problemsByPolicy(problems);
  const policies = world.policies.map((version): PolicyRow => {
    const one = policyOf(version);
    const key = keyOf(one.policy);
    const selection = selections.of(one);
    const part = byPolicy.get(key) ?? [];
    const { from, to } = spanOf(version);
    return {
      policy: one.policy,
      from,
      to,
      versions: counts.get(key) ?? 1,
      source: version.source,
      isolates: isolates(one.specs),
      pods: selection.podCount,
      workloads: selection.workloads.length,
      findings: countFindings(findings.get(key) ?? []),
      problems: part.map(({ id }) => id),
      rate: part.reduce((sum, { rate }) => sum + rate, 0),
    };
  });
  return { at, policies };
}

/** Problems of the day before that are not over. */
export async function problemsAround(
  { problems }: Pick<Knowledge, "problems">,
  viewer: Viewer,
  at: number,
  signal: AbortSignal,
): Promise<Problem[]> {
  const range = {
    since: BigInt(Math.floor(at - ACTIVE_MS)) * NS_PER_MS,
    until: BigInt(Math.ceil(at)) * NS_PER_MS,
  };
  const found = await problems.problems({ viewer, range, limit: MOST_PROBLEMS }, signal);
  return found.filter(({ state }) => state !== "resolved");
}

export function problemsByPolicy(problems: readonly Problem[]): Map<string, Problem[]> {
  const found = new Map<string, Problem[]>();
  for (const problem of problems)
    for (const policy of problem.policies) {
      const key = keyOf(policy);
      found.set(key, [...(found.get(key) ?? []), problem]);
    }
  return found;
}

export function countFindings(findings: readonly Pick<Finding, "severity">[]): FindingCounts {
  const counts = Object.fromEntries(FINDING_SEVERITIES.map((severity) => [severity, 0]));
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
  return counts as Record<(typeof FINDING_SEVERITIES)[number], number>;
}
