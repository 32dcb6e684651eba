import type { FindingCounts, PoliciesAnswer, PolicyRow, Problem, Viewer } from "@dropscope/model";
import { FINDING_SEVERITIES } from "@dropscope/model";
import type { Finding } from "@dropscope/policy";
import type { Knowledge } from "../knowledge.js";
import { spanOf } from "../problems/texts.js";
import { POLICY_KINDS, type World } from "@dropscope/tuning";
import type { Worlds } from "../world/worlds.js";
import type { Linter } from "./linter.js";
import { denies, isolates, keyOf, policyOf } from "./policies-of.js";
import { createSelections } from "./selection.js";

/** Who asks, and what the answer is made from. */
export interface PolicyContext {
  readonly knowledge: Knowledge;
  readonly linter: Linter;
  readonly worlds: Worlds;
  readonly viewer: Viewer;
  readonly signal: AbortSignal;
}

/** What a row says as long as the cluster stays as it is. */
type StillRow = Omit<PolicyRow, "findings" | "problems" | "rate">;

const NS_PER_MS = 1_000_000n;
const ACTIVE_MS = 24 * 3_600_000;
const MOST_PROBLEMS = 3_000;

/** The policies of one moment (ms), with what is wrong with each and what each has to do with. */
export async function listPolicies(
  context: PolicyContext,
  at: number,
): Promise<Omit<PoliciesAnswer, "coverage" | "knownSince">> {
  const { knowledge, linter, worlds, viewer, signal } = context;
  const [world, problems] = await Promise.all([
    worlds.at(viewer, at, "all", signal),
    problemsAround(knowledge, viewer, at, signal),
  ]);
  const [rows, lints] = await Promise.all([
    stillRows(context, world),
    linter.lints(world, viewer, signal),
  ]);
  const byPolicy = problemsByPolicy(problems);
  const policies = rows.map((row): PolicyRow => {
    const key = keyOf(row.policy);
    const part = byPolicy.get(key) ?? [];
    return Object.assign({}, row, {
      findings: countFindings(lints.findings.get(key) ?? []),
      problems: part.map(({ id }) => id),
      rate: part.reduce((sum, { rate }) => sum + rate, 0),
    });
  });
  return { at, policies, lint: lints.state };
}

const known = new WeakMap<World, readonly StillRow[]>();

/** Made once for a world: whom thousands of policies select takes a while to find. */
async function stillRows(
  { knowledge, viewer, signal }: PolicyContext,
  world: World,
): Promise<readonly StillRow[]> {
  const found = known.get(world);
  if (found !== undefined) return found;
  const query = { viewer, until: world.at, kinds: POLICY_KINDS };
  const versions = await knowledge.objects.versions(query, signal);
  const counts = new Map<string, number>();
  for (const version of versions) counts.set(keyOf(version), (counts.get(keyOf(version)) ?? 0) + 1);
  const selections = createSelections(world);
  const rows = world.policies.map((version): StillRow => {
    const one = policyOf(version);
    const selection = selections.of(one);
    return {
      policy: one.policy,
      ...spanOf(version),
      versions: counts.get(keyOf(one.policy)) ?? 1,
      source: version.source,
      isolates: isolates(one.specs),
      denies: denies(one.specs),
      pods: selection.podCount,
      workloads: selection.workloads.length,
    };
  });
  known.set(world, rows);
  return rows;
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
      const some = found.get(key);
      if (some === undefined) found.set(key, [problem]);
      else some.push(problem);
    }
  return found;
}

export function countFindings(findings: readonly Pick<Finding, "severity">[]): FindingCounts {
  const counts = Object.fromEntries(FINDING_SEVERITIES.map((severity) => [severity, 0]));
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
  return counts as Record<(typeof FINDING_SEVERITIES)[number], number>;
}
