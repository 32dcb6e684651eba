export * from "./assertion.js";
export { assertionText, readAssertions, type ReadAssertions } from "./read.js";
export {
  type AssertedConnection,
  type Contradiction,
  contradictions,
  createAssertionJudge,
  endpointSort,
} from "./judge.js";
