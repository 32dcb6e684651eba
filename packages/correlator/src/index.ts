export * from "./audit/index.js";
export * from "./catalog/index.js";
export * from "./dns/index.js";
export * from "./explain/index.js";
export * from "./notify/index.js";
export {
  createProblemBook,
  PROBLEM_LIMITS,
  type Folding,
  type NameOf,
  type ProblemBook,
  type ProblemLimits,
} from "./problems/index.js";
export { createCorrelator, type Correlator } from "./run.js";
export type { ClusterKnowledge, CorrelatorOptions, ExplainedDrop } from "./run/options.js";
export type { CorrelatorStats } from "./run/stats.js";
