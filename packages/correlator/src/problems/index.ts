export {
  createProblemBook,
  type Folded as FoldedFlow,
  type Folding,
  type ProblemBook,
  type ProblemBookOptions,
} from "./book.js";
export type { NameOf } from "./keys.js";
export { PROBLEM_LIMITS, type ProblemLimits } from "./limits.js";
