import {
  type AssertedConnection,
  type Assertion,
  type AssertionProblem,
  contradictions,
  createAssertionJudge,
  type World,
} from "@dropscope/policy";
import { expand } from "./expand.js";
import type { TestCase } from "./report.js";

/** Pairs of ends of one assertion that are told of; further ones are counted. */
const MAX_TOLD = 20;

export interface AssertedCases {
  readonly cases: readonly TestCase[];
  /** Why the assertions cannot be asked; nothing is judged then. */
  readonly problems: readonly AssertionProblem[];
}

/** Asks every assertion. What two of them say differently of one connection is a problem, and no failure of either. */
export function judgeAssertions(assertions: readonly Assertion[], world: World): AssertedCases {
  const expanded = assertions.map((assertion) => ({ assertion, ...expand(assertion, world) }));
  const problems = expanded.flatMap((one) => one.problems);
  if (problems.length === 0)
    problems.push(
      ...contradictions(expanded.flatMap(({ connections }) => connections)).map(
        ({ allow, deny, port }): AssertionProblem => ({
          place: deny.assertion.place,
          message: `${quoted(deny.assertion)} denies what ${quoted(allow.assertion)} (${allow.assertion.place.file}:${allow.assertion.place.line}) allows: ${allow.from.name} to ${allow.to.name} on ${allow.protocol} ${port}`,
          fix: "Delete one of the two, or leave that end out with exceptFrom or exceptTo.",
        }),
      ),
    );
  if (problems.length > 0) return { cases: [], problems };
  const judge = createAssertionJudge(world);
  return {
    cases: expanded.map(({ assertion, connections }) => caseOf(assertion, connections, judge)),
    problems,
  };
}

function caseOf(
  { name, place }: Assertion,
  connections: readonly AssertedConnection[],
  judge: ReturnType<typeof createAssertionJudge>,
): TestCase {
  const wrong = connections.flatMap((connection) => judge(connection) ?? []);
  const says = wrong.slice(0, MAX_TOLD);
  if (wrong.length > MAX_TOLD)
    says.push(`and ${wrong.length - MAX_TOLD} more of ${connections.length} connections`);
  return {
    name,
    file: place.file,
    line: place.line,
    state: wrong.length === 0 ? "passed" : "failed",
    says,
  };
}

const quoted = ({ name }: Assertion): string => JSON.stringify(name);
