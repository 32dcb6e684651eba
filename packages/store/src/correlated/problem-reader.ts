import {
  type Clock,
  cutProblem,
  EPISODE_MS,
  formatTimeNs,
  type Problem,
  problemState,
  systemClock,
} from "@dropscope/model";
import type { StoreClient } from "../clickhouse/client.js";
import { Params } from "../read/params.js";
import { createRunner, DEFAULT_LIMITS, type QueryLimits, type Runner } from "../read/run.js";
import { correlatedUntil } from "./cursor.js";
import { dnsFindings } from "./dns-findings.js";
import { explanationOf, flowsOf } from "./explained.js";
import { idText, isProblemId } from "./ids.js";
import { countOf, perMinute, type ProblemRow, problemsSql } from "./problem-sql.js";
import { problemTimeline } from "./problem-timeline.js";
import { recordOfText } from "./record-json.js";
import { sightingsAt } from "./sightings.js";
import type { ProblemQuery, ProblemReader, ProblemRecord } from "./types.js";

const DEFAULT_LIMIT = 500;
/** Where states are told apart after reading, more are read than are given. */
const MOST_READ = 5000;

export function createProblemReader(
  client: StoreClient,
  options: {
    readonly limits?: QueryLimits | "profile";
    readonly clock?: Pick<Clock, "now">;
    /** How long nothing may come of a problem before it is resolved, ms. */
    readonly resolvedAfterMs?: number;
  } = {},
): ProblemReader {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const run = createRunner(client, limits === "profile" ? undefined : limits);
  const clock = options.clock ?? systemClock;
  const moment = (): Moment => ({
    now: clock.now(),
    episodeMs: options.resolvedAfterMs ?? EPISODE_MS,
  });
  const problem: ProblemReader["problem"] = async (id, viewer, options = {}, signal) => {
    if (!isProblemId(id)) return undefined;
    const query = { viewer, ids: [id], ...options };
    return (await readProblems(run, query, moment(), signal))[0];
  };
  return {
    problem,
    problems: (query, signal) => readProblems(run, query, moment(), signal),
    timeline: async (id, query, signal) => {
      const found = await problem(id, query.viewer, {}, signal);
      return found && problemTimeline(run, found, query, signal);
    },
    explanationOf: (uuid, viewer, signal) => explanationOf(run, uuid, viewer, signal),
    flowsOf: (id, query, signal) => flowsOf(run, id, query, signal),
    dnsFindings: (query, signal) => dnsFindings(run, query, signal),
    correlatedUntil: (signal) => correlatedUntil(run, signal),
  };
}

/** When is asked, ms since 1970, and how long nothing may come before a problem is over. */
interface Moment {
  readonly now: number;
  readonly episodeMs: number;
}

async function readProblems(
  run: Runner,
  query: ProblemQuery & { readonly ids?: readonly string[] },
  moment: Moment,
  signal: AbortSignal | undefined,
): Promise<Problem[]> {
  const { viewer, states, limit = DEFAULT_LIMIT } = query;
  const params = new Params();
  const most = states === undefined ? limit : Math.max(limit, MOST_READ);
  const rows = await run.rows<ProblemRow>(
    problemsSql({ ...query, limit: most }, moment, params),
    params,
    signal,
  );
  return rows
    .flatMap((row) =>
      query.asOf === undefined ? [problemOf(row, moment)] : problemThen(row, query.asOf, moment),
    )
    .filter(({ state }) => states === undefined || states.includes(state))
    .flatMap((one) => cutProblem(one, viewer) ?? [])
    .slice(0, limit);
}

/** A problem as it was; none where it had not begun. Names and samples are those that are known by now. */
function problemThen(row: ProblemRow, at: number, moment: Moment): Problem[] {
  const { first, lastNs } = recordOfText(row.record);
  const minutes = (row.minutes ?? []).map((minute) => minute * 1000);
  const then = sightingsAt(at, first, minutes, moment.episodeMs);
  if (then === undefined) return [];
  const last = BigInt(then.last) * 1_000_000n;
  const lastSeen = formatTimeNs(last < lastNs ? last : lastNs);
  const known = problemOf(row, { ...moment, now: at });
  // What changed since then is told with the newest drop.
  const change = known.change !== null && Date.parse(known.change.time) > at ? null : known.change;
  return [{ ...known, state: then.state, lastSeen, change }];
}

function problemOf(row: ProblemRow, { now, episodeMs }: Moment): Problem {
  const record = recordOfText(row.record);
  return {
    id: idText(row.id),
    state: problemState(record, now, episodeMs),
    ...kindOf(record),
    count: countOf(row.drops, row.verdicts),
    rate: perMinute(row),
    firstSeen: formatTimeNs(record.firstNs),
    lastSeen: formatTimeNs(record.lastNs),
    pods: record.pods.names,
    podCount: record.pods.count,
    nodes: record.nodes.names,
    nodeCount: record.nodes.count,
    peers: record.peers.names,
    peerCount: record.peers.count,
    agreement: record.agreement,
    explanation: record.explanation,
    change: record.change,
    dns: record.dns,
    samples: record.samples.map(({ uuid }) => uuid),
  };
}

function kindOf({
  outcome,
  reason,
  direction,
  source,
  destination,
  protocol,
  port,
  policies,
  folded,
}: ProblemRecord): Pick<
  Problem,
  | "outcome"
  | "reason"
  | "direction"
  | "source"
  | "destination"
  | "protocol"
  | "port"
  | "policies"
  | "folded"
> {
  return { outcome, reason, direction, source, destination, protocol, port, policies, folded };
}
