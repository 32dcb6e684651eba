import type { Problem, ProblemRow } from "@dropscope/model";

/** What the list needs of a problem; names of single pods and places in policies stay behind. */
export function rowOf(problem: Problem, trend: readonly number[]): ProblemRow {
  const { pods: _p, nodes: _n, peers: _f, samples: _s, explanation, ...rest } = problem;
  const { sentence, next, audited } = explanation;
  return { ...rest, sentence, next, audited, trend };
}
