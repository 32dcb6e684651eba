import type {
  Coverage,
  DnsFinding,
  Flow,
  FlowRow,
  Problem,
  ProblemAnswer,
  Timeline,
  Viewer,
} from "@dropscope/model";
import type { FlowReader } from "@dropscope/store";
import type { Knowledge } from "../knowledge.js";
import type { Range } from "../query/range.js";
import type { Worlds } from "../world/worlds.js";
import { asOfThen } from "./as-of-then.js";
import { changesAround } from "./changes.js";
import { findFixes } from "./fixes.js";
import { linksOf } from "./links.js";
import { policyTexts } from "./texts.js";

export interface DetailDeps {
  readonly knowledge: Knowledge;
  readonly worlds: Worlds;
  readonly reader: FlowReader;
  readonly viewer: Viewer;
  readonly signal: AbortSignal;
  /** ms since 1970. */
  readonly now: number;
  readonly coverage: Coverage;
}

const NS_PER_MS = 1_000_000n;
/** A problem seen now for the first time has no length of its own yet. */
const LEAST_SPAN_MS = 15 * 60_000;
const MOST_SPAN_MS = 24 * 3_600_000;
const SHOWN_FLOWS = 10;
const MOST_EXAMPLES = 3;

/** Everything that the page of one problem says. @param range undefined: the time of the problem itself */
export async function problemDetail(
  newest: Problem,
  range: Range | undefined,
  deps: DetailDeps,
): Promise<ProblemAnswer> {
  const { knowledge, viewer, signal, now, coverage } = deps;
  const problem = range === undefined ? newest : await asOfThen(newest, range.until, deps);
  const span = range ?? ownSpan(problem, now);
  const [timeline, changes, policies, dns, flows, example] = await Promise.all([
    timelineOf(problem, span, deps),
    changesAround(knowledge, problem, viewer, msOf(span), signal),
    policyTexts(knowledge, problem.explanation, viewer, signal),
    dnsOf(problem, deps),
    flowsOf(problem, deps),
    exampleOf(problem, deps),
  ]);
  const at = range === undefined ? now : Math.min(now, msOf(range).until);
  const found = await findFixes(problem, example, at, deps);
  return {
    problem,
    timeline,
    changes,
    policies,
    ...found,
    flows,
    dns,
    links: linksOf(problem),
    coverage,
  };
}

/** From a little before it began until it ended or now; of a long one the last day. */
function ownSpan(problem: Problem, now: number): Range {
  const first = Date.parse(problem.firstSeen);
  const last = Date.parse(problem.lastSeen);
  const until = problem.state === "resolved" ? Math.min(now, last + 5 * 60_000) : now;
  const lead = Math.max(60_000, (until - first) / 10);
  const since = Math.max(until - MOST_SPAN_MS, Math.min(first - lead, until - LEAST_SPAN_MS));
  return {
    since: BigInt(Math.floor(since)) * NS_PER_MS,
    until: BigInt(Math.ceil(until)) * NS_PER_MS,
  };
}

function msOf({ since, until }: Range): { since: number; until: number } {
  return { since: Number(since / NS_PER_MS), until: Number(until / NS_PER_MS) };
}

/** Whole minutes come from counts; a short time from the flows, by ten seconds. */
function stepOf({ since, until }: Range): number {
  const span = Number((until - since) / NS_PER_MS);
  if (span <= 30 * 60_000) return 10_000;
  return Math.max(1, Math.ceil(span / 150 / 60_000)) * 60_000;
}

async function timelineOf(
  problem: Problem,
  span: Range,
  { knowledge, viewer, signal }: DetailDeps,
): Promise<Timeline> {
  const stepMs = stepOf(span);
  const query = { viewer, ...span, stepMs };
  const found = await knowledge.problems.timeline(problem.id, query, signal);
  const { since: from, until: to } = msOf(span);
  if (found === undefined) return { from, to, stepMs, series: [], gaps: [] };
  return { ...found, series: found.series.map(({ counts }) => ({ key: "drops", counts })) };
}

async function dnsOf(
  { dns }: Problem,
  { knowledge, viewer, signal }: DetailDeps,
): Promise<DnsFinding[]> {
  if (dns.length === 0) return [];
  return knowledge.problems.dnsFindings({ viewer, ids: dns }, signal);
}

/** Those that retention has taken are left out. */
async function flowsOf(
  { samples, firstSeen, lastSeen }: Problem,
  { reader, viewer, signal }: DetailDeps,
): Promise<FlowRow[]> {
  const uuid = samples.slice(0, SHOWN_FLOWS);
  if (uuid.length === 0) return [];
  const since = BigInt(Date.parse(firstSeen)) * NS_PER_MS;
  // Times of the problem may lie a little before those of its flows, whose clocks run ahead.
  const until = (BigInt(Date.parse(lastSeen)) + 60_000n) * NS_PER_MS;
  const selection = { allow: [{ uuid }], deny: [] };
  const query = { viewer, selection, since, until, limit: SHOWN_FLOWS };
  return (await reader.page(query, signal)).rows;
}

/** One flow whole, for an edit to be tried out on; the first that tells both ends' labels. */
async function exampleOf(
  { samples }: Problem,
  { reader, viewer, signal }: DetailDeps,
): Promise<Flow | undefined> {
  let first: Flow | undefined;
  for (const uuid of samples.slice(0, MOST_EXAMPLES)) {
    const found = (await reader.detail(uuid, viewer, signal))?.flow;
    if (found !== undefined && hasEnds(found)) return found;
    first ??= found;
  }
  return first;
}

/** An edit can be tried out where both ends tell their labels. */
function hasEnds({ source, destination }: Flow): boolean {
  return (source?.labels ?? []).length > 0 && (destination?.labels ?? []).length > 0;
}
