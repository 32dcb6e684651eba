import type { DnsRule } from "@dropscope/model";
import { Problem } from "../problem.js";
import { problemDetail } from "../problems/detail.js";
import { parseProblemFilter } from "../problems/filter.js";
import { LIVE_LIST_MS, listProblems } from "../problems/list.js";
import * as flowInput from "./inputs.js";
import * as input from "./problem-inputs.js";
import * as schema from "./problem-schemas.js";
import { type ApiRoute, route } from "./route.js";

const PAGE_PROBLEMS = 100;
const MOST_FINDINGS = 500;

export const PROBLEM_ROUTES: readonly ApiRoute[] = [
  route({
    path: "/problems",
    name: "problems",
    summary: "What is wrong: drops folded to problems, what matters now first",
    input: input.ProblemsInput,
    answer: schema.ProblemsSchema,
    asksStore: true,
    async answerTo(asked, { knowledge, viewer, signal, clock, limits, coverage }) {
      const now = clock.now();
      const range = input.hasRange(asked)
        ? { range: flowInput.rangeOf(asked, now, limits, LIVE_LIST_MS) }
        : {};
      const then = flowInput.asOf(asked, now);
      const query = {
        viewer,
        ...range,
        ...(then === undefined ? {} : { asOf: then }),
        ...input.statesOf(asked.state),
        matches: parseProblemFilter(asked.filter ?? ""),
        offset: Number(asked.cursor ?? 0),
        limit: asked.limit ?? PAGE_PROBLEMS,
      };
      return listProblems(knowledge, query, now, coverage(), signal);
    },
  }),
  route({
    path: "/problems/:id",
    name: "problem",
    summary: "One problem: why, since when, what changed, the policies, and edits that end it",
    input: input.ProblemInput,
    answer: schema.ProblemAnswerSchema,
    asksStore: true,
    async answerTo(asked, context) {
      const { knowledge, worlds, reader, viewer, signal, clock, limits, coverage } = context;
      const now = clock.now();
      const range = input.hasRange(asked) ? flowInput.rangeOf(asked, now, limits) : undefined;
      const then = flowInput.asOf(asked, now);
      const options = {
        ...(range === undefined ? {} : { range }),
        ...(then === undefined ? {} : { asOf: then }),
      };
      const { problems } = knowledge;
      const found =
        (await problems.problem(asked.id, viewer, options, signal)) ??
        // A link to it still tells what it is when nothing of it happened in the range.
        (range && (await problems.problem(asked.id, viewer, {}, signal)));
      if (found !== undefined)
        return problemDetail(found, range, {
          knowledge,
          worlds,
          reader,
          viewer,
          signal,
          now,
          coverage: coverage(),
        });
      throw new Problem(
        404,
        "PROBLEM_NOT_FOUND",
        "This problem is not stored, or not yours to see.",
        "Retention may have removed it; the list of problems shows what there is.",
      );
    },
  }),
  route({
    path: "/flows/:uuid/explanation",
    name: "explanation",
    summary: "Why a stored flow was dropped",
    input: flowInput.FlowInput,
    answer: schema.ExplanationAnswerSchema,
    asksStore: true,
    async answerTo({ uuid }, { knowledge, viewer, signal }) {
      const found = await knowledge.problems.explanationOf(uuid, viewer, signal);
      // Not an error: whoever opens a flow asks, and most flows have none.
      return { explanation: found?.explanation ?? null, problem: found?.problem ?? "" };
    },
  }),
  route({
    path: "/dns",
    name: "dns",
    summary: "What is wrong with name lookups, worst first",
    input: input.DnsInput,
    answer: schema.DnsAnswerSchema,
    asksStore: true,
    async answerTo(asked, { knowledge, viewer, signal, clock, limits, coverage }) {
      const now = clock.now();
      const range = input.hasRange(asked)
        ? flowInput.rangeOf(asked, now, limits, LIVE_LIST_MS)
        : flowInput.rangeOf({ since: String(now - LIVE_LIST_MS) }, now, limits);
      const { namespace } = asked;
      const [findings, problems] = await Promise.all([
        knowledge.problems.dnsFindings(
          {
            viewer,
            range,
            limit: MOST_FINDINGS,
            ...(namespace === undefined ? {} : { namespace }),
          },
          signal,
        ),
        knowledge.problems.problems({ viewer, range }, signal),
      ]);
      const counts: Partial<Record<DnsRule, number>> = {};
      for (const { rule } of findings) counts[rule] = (counts[rule] ?? 0) + 1;
      return {
        at: now,
        findings: findings.map((finding) => ({
          finding,
          problems: problems.filter(({ dns }) => dns.includes(finding.id)).map(({ id }) => id),
        })),
        counts,
        coverage: coverage(),
      };
    },
  }),
];
