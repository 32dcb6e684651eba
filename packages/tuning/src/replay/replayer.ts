import type { ObservedTraffic, ReplayAnswer, ReplayChange } from "@dropscope/model";
import {
  createEngine,
  type Decision,
  type DecisionExplanation,
  type Engine,
  explainDecision,
  type MatchContext,
  matchContext,
  type Policy,
} from "@dropscope/policy";
import { objectKey, type TuningCluster } from "../cluster/index.js";
import { evidenceOf } from "../traffic/index.js";
import { type Candidate, policiesByObject } from "./candidate.js";
import { changesOf } from "./changes.js";
import { createGroups, type Groups } from "./groups.js";
import { countUnknown, type JudgedEdge, judgeEdges, type UnknownCounts } from "./judged.js";
import { kindProblems } from "./kinds.js";
import { judgeRequests, type RequestsJudged } from "./requests.js";

/**
 * What was observed, judged again and again: ends are looked at once and the policies in force judge once, so
 * that another candidate costs no more than the edges that it could change.
 */
export interface Replayer {
  readonly cluster: TuningCluster;
  readonly traffic: ObservedTraffic;
  /** Judges by the policies in force and by those that the candidate would leave in force. */
  replay(candidate: Candidate): ReplayAnswer;
}

/** Judges by the policies in force and by those of a candidate, once. */
export function replay(
  cluster: TuningCluster,
  traffic: ObservedTraffic,
  candidate: Candidate,
): ReplayAnswer {
  return createReplayer(cluster, traffic).replay(candidate);
}

/** An engine remembers every version that it judged by: after so many a new one is made. */
const MOST_REPLAYS = 200;

export function createReplayer(cluster: TuningCluster, traffic: ObservedTraffic): Replayer {
  const current = policiesByObject(cluster.policies);
  let bench = createBench(cluster, traffic, current);
  let replays = 0;
  return {
    cluster,
    traffic,
    replay(candidate) {
      if ((replays += 1) > MOST_REPLAYS) {
        bench = createBench(cluster, traffic, current);
        replays = 1;
      }
      return judge(bench, cluster, traffic, current, candidate);
    },
  };
}

type ByObject = ReadonlyMap<string, readonly Policy[]>;

interface Bench {
  readonly engine: Engine;
  readonly context: MatchContext;
  readonly judged: readonly JudgedEdge[];
  readonly unknown: UnknownCounts;
}

function createBench(cluster: TuningCluster, traffic: ObservedTraffic, current: ByObject): Bench {
  const { cidrGroups, services } = cluster.view.context();
  // What is only audited is told as well: somebody wants to know what enforcing it would break.
  const profile = { ...cluster.profile, audit: false };
  const engine = createEngine({ profile, cidrGroups, services });
  for (const [key, policies] of current) engine.setPolicies(key, policies);
  const context = matchContext(profile, { cidrGroups, services });
  return { engine, context, ...judgeEdges(traffic, cluster.moment, engine) };
}

function judge(
  { engine, context, judged, unknown }: Bench,
  cluster: TuningCluster,
  traffic: ObservedTraffic,
  current: ByObject,
  candidate: Candidate,
): ReplayAnswer {
  const explain = ({ connection }: JudgedEdge, decision: Decision): DecisionExplanation =>
    explainDecision(connection, decision, engine.selecting(connection), context);
  const lookAgain: Looked[] = [];
  const counts = emptyCounts();
  const open: UnknownCounts = new Map(unknown);
  const groups = createGroups(traffic);
  const apply = (): void => {
    for (const key of candidate.remove) engine.removePolicies(key);
    for (const [key, policies] of policiesByObject(candidate.set))
      engine.setPolicies(key, policies);
  };
  const restore = (): void => {
    for (const key of new Set([...candidate.remove, ...candidate.set.map(objectKey)])) {
      const policies = current.get(key);
      if (policies === undefined) engine.removePolicies(key);
      else engine.setPolicies(key, policies);
    }
  };
  try {
    apply();
    for (const one of judged) {
      const { from, to, connection, before, edge } = one;
      const after = engine.decideInterned(from, to, connection.protocol, connection.port);
      if (before.allowed !== after.allowed) {
        const change: ReplayChange = after.allowed ? "newly-allowed" : "newly-denied";
        count(counts[after.allowed ? "newlyAllowed" : "newlyDenied"], edge.flows);
        groups.add(change, one, after);
      } else if (after.allowed && after !== before && isProxied(before, after))
        lookAgain.push({ one, after, told: explain(one, after) });
      else count(counts[after.allowed ? "stillAllowed" : "stillDenied"], edge.flows);
    }
    groups.explain("after", explain);
  } finally {
    restore();
  }
  groups.explain("before", explain);
  for (const looked of lookAgain) lookAtRequests(looked, explain, { counts, open, groups });
  const told = [...open].map(([why, { edges, flows }]) => ({ why, edges, flows }));
  for (const { edges, flows } of told) {
    counts.unknown.edges += edges;
    counts.unknown.flows += flows;
  }
  counts.unknown.flows += traffic.unplaced;
  return {
    at: cluster.at,
    evidence: evidenceOf(traffic, told),
    changes: changesOf(current, candidate),
    problems: [...candidate.problems, ...kindProblems(cluster, candidate)],
    groups: groups.tell(),
    counts,
  };
}

interface Looked {
  readonly one: JudgedEdge;
  readonly after: Decision;
  readonly told: DecisionExplanation;
}

/** The connection passes before and after; what a proxy says to its requests may have changed. */
function lookAtRequests(
  { one, told }: Looked,
  explain: (one: JudgedEdge, decision: Decision) => DecisionExplanation,
  into: {
    readonly counts: ReturnType<typeof emptyCounts>;
    readonly open: UnknownCounts;
    readonly groups: Groups;
  },
): void {
  const { edge } = one;
  const was = judgeRequests(edge, explain(one, one.before));
  const is = judgeRequests(edge, told);
  const denied = flowsWhere(one, (at) => was.passes[at] === true && is.passes[at] === false);
  const allowed = flowsWhere(one, (at) => was.passes[at] === false && is.passes[at] === true);
  if (denied.length > 0) {
    count(into.counts.newlyDenied, sum(denied));
    into.groups.addRequests("newly-denied", one, told, denied);
  } else if (allowed.length > 0) {
    count(into.counts.newlyAllowed, sum(allowed));
    into.groups.addRequests("newly-allowed", one, told, allowed);
  } else if (isOpenNow(was, is)) countUnknown(into.open, OPEN_REQUESTS, edge.flows);
  else count(into.counts.stillAllowed, edge.flows);
}

const OPEN_REQUESTS =
  "the candidate looks at requests, and what was seen does not tell whether they would pass";

/** What could not be told before either is no news. */
const isOpenNow = (was: RequestsJudged, is: RequestsJudged): boolean => is.isOpen && !was.isOpen;

function flowsWhere(
  { edge }: JudgedEdge,
  holds: (at: number) => boolean,
): JudgedEdge["edge"]["requests"] {
  return edge.requests.filter((_, at) => holds(at));
}

const sum = (requests: JudgedEdge["edge"]["requests"]): number =>
  requests.reduce((all, { flows }) => all + flows, 0);

function isProxied(...decisions: readonly Decision[]): boolean {
  return decisions.some(({ egress, ingress }) =>
    [egress, ingress].some(({ outcome }) => outcome === "redirected"),
  );
}

function emptyCounts() {
  const none = (): { edges: number; flows: number } => ({ edges: 0, flows: 0 });
  return {
    newlyDenied: none(),
    newlyAllowed: none(),
    stillDenied: none(),
    stillAllowed: none(),
    unknown: none(),
  };
}

function count(into: { edges: number; flows: number }, flows: number): void {
  into.edges += 1;
  into.flows += flows;
}
