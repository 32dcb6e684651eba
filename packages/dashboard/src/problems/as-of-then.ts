import type { Problem, Viewer } from "@dropscope/model";
import type { Knowledge } from "../knowledge.js";

const MOST_SAMPLES = 10;

/**
 * A problem with the explanation and the samples that it had at a moment (ns since 1970): its newest
 * explanation speaks of the policies of a later one.
 */
export async function asOfThen(
  problem: Problem,
  at: bigint,
  {
    knowledge,
    viewer,
    signal,
  }: {
    readonly knowledge: Pick<Knowledge, "problems">;
    readonly viewer: Viewer;
    readonly signal: AbortSignal;
  },
): Promise<Problem> {
  const newest = Date.parse(problem.explanation.time);
  if (!(newest > Number(at / 1_000_000n))) return problem;
  const query = { viewer, before: at + 1n, limit: MOST_SAMPLES };
  const flows = await knowledge.problems.flowsOf(problem.id, query, signal);
  const [then] = flows;
  if (then === undefined) return problem;
  const { explanation } = then;
  return {
    ...problem,
    explanation,
    change: explanation.change,
    samples: flows.map(({ uuid }) => uuid),
  };
}
