import {
  type Coverage,
  type Problem,
  PROBLEM_STATES,
  type ProblemCounts,
  type ProblemsAnswer,
  type ProblemState,
  type TrendSpan,
  type Viewer,
} from "@dropscope/model";
import type { Knowledge } from "../knowledge.js";
import type { Range } from "../query/range.js";
import type { ProblemMatcher } from "./filter.js";
import { byImportance } from "./order.js";
import { rowOf } from "./row.js";

export interface ListQuery {
  readonly viewer: Viewer;
  /** Absent: live. */
  readonly range?: Range;
  /** The list as it was live at a moment, ms since 1970: states are those of then. */
  readonly asOf?: number;
  readonly states?: readonly ProblemState[];
  readonly matches: ProblemMatcher;
  readonly offset: number;
  readonly limit: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NS_PER_MS = 1_000_000n;
/** A live list goes so far back: what was resolved in the night is what the morning asks for. */
export const LIVE_LIST_MS = 24 * HOUR;
const LIVE_TREND_MS = 30 * MINUTE;
const TREND_STEPS = 30;
/** Filters are applied to so many at most, the most pressing as the store sees it. */
const MOST_PROBLEMS = 3_000;

/** The list of problems as of `now` (ms). */
export async function listProblems(
  knowledge: Pick<Knowledge, "problems" | "views">,
  query: ListQuery,
  now: number,
  coverage: Coverage,
  signal: AbortSignal,
): Promise<ProblemsAnswer> {
  const range = query.range ?? { since: nsOf(now - LIVE_LIST_MS), until: nsOf(now + HOUR) };
  const found = await knowledge.problems.problems(
    {
      viewer: query.viewer,
      range,
      limit: MOST_PROBLEMS,
      ...(query.asOf === undefined ? {} : { asOf: query.asOf }),
    },
    signal,
  );
  const matching = found.filter((problem) => query.matches(problem));
  const wanted = matching
    .filter(({ state }) => query.states === undefined || query.states.includes(state))
    .toSorted(byImportance);
  const shown = wanted.slice(query.offset, query.offset + query.limit);
  const trend =
    query.asOf === undefined ? trendSpan(query.range, now) : trendSpan(undefined, query.asOf);
  const end = query.offset + shown.length;
  return {
    at: query.asOf ?? now,
    trend,
    problems: await withTrends(knowledge, shown, trend, signal),
    counts: countStates(matching),
    more: found.length >= MOST_PROBLEMS,
    coverage,
    ...(end < wanted.length ? { next: String(end) } : {}),
  };
}

/** The rows of problems that are known already. */
export async function withTrends(
  { views }: Pick<Knowledge, "views">,
  problems: readonly Problem[],
  trend: TrendSpan,
  signal: AbortSignal,
): Promise<ProblemsAnswer["problems"]> {
  const steps = Math.round((trend.to - trend.from) / trend.stepMs);
  const span = { since: nsOf(trend.from), stepMs: trend.stepMs, steps };
  const ids = problems.map(({ id }) => id);
  const counts = await views.trends(ids, span, signal);
  const nothing = Array.from<number>({ length: steps }).fill(0);
  return problems.map((problem) => rowOf(problem, counts.get(problem.id) ?? nothing));
}

/** Whole minutes, some thirty steps; the step that is not over yet is the last. */
export function trendSpan(range: Range | undefined, now: number): TrendSpan {
  const until = range === undefined ? now : Number(range.until / NS_PER_MS);
  const length =
    range === undefined
      ? LIVE_TREND_MS
      : Math.max(MINUTE, Number((range.until - range.since) / NS_PER_MS));
  const stepMs = Math.max(1, Math.ceil(length / TREND_STEPS / MINUTE)) * MINUTE;
  const to = Math.ceil((until + 1) / MINUTE) * MINUTE;
  const steps = Math.max(1, Math.round(length / stepMs));
  return { from: to - steps * stepMs, to, stepMs };
}

function countStates(problems: readonly Problem[]): ProblemCounts {
  const counts = Object.fromEntries(PROBLEM_STATES.map((state) => [state, 0]));
  for (const { state } of problems) counts[state] = (counts[state] ?? 0) + 1;
  return counts as Record<ProblemState, number>;
}

function nsOf(ms: number): bigint {
  return BigInt(Math.floor(ms)) * NS_PER_MS;
}
