import type { LandedBatch, FlowQuery, TimeRange } from "../reader.js";
import type { Runner } from "./run.js";
import { Params } from "./params.js";
import { whereOf } from "./where.js";

/** A question with its two ends known. */
export type Bounded = FlowQuery & {
  batches?: readonly LandedBatch[];
  since: bigint;
  until: bigint;
};

const MINUTE_NS = 60_000_000_000n;
const STEPS = [MINUTE_NS, 60n * MINUTE_NS, 1440n * MINUTE_NS];

/** Oldest and newest flow of the whole store, from what ClickHouse keeps about its parts; `undefined` when it is empty. */
export async function storedSpan(
  run: Runner,
  signal: AbortSignal | undefined,
): Promise<{ oldest: bigint; newest: bigint; flows: number } | undefined> {
  const [row] = await run.rows<{ oldest: string; newest: string; flows: string }>(
    "SELECT toUnixTimestamp64Nano(min(time)) AS oldest, toUnixTimestamp64Nano(max(time)) AS newest, count() AS flows FROM flows",
    new Params(),
    signal,
  );
  if (row === undefined || row.flows === "0") return undefined;
  return { oldest: BigInt(row.oldest), newest: BigInt(row.newest), flows: Number(row.flows) };
}

/** Puts the store's own ends where the question has none; `undefined` when nothing can be in between. */
export async function bounded<Query extends FlowQuery>(
  run: Runner,
  query: Query,
  signal: AbortSignal | undefined,
): Promise<(Query & { since: bigint; until: bigint }) | undefined> {
  if (query.since !== undefined && query.until !== undefined) {
    const { since, until } = query;
    return since > until ? undefined : { ...query, since, until };
  }
  const span = await storedSpan(run, signal);
  if (span === undefined) return undefined;
  // A given end stays: rollups reach further back than flows.
  const since = query.since ?? span.oldest;
  const until = query.until ?? span.newest;
  return since > until ? undefined : { ...query, since, until };
}

/** More flows than this are looked for first and read then. */
export const NEAR_ROWS = 1_000;
/** Steps of `spanOf` that who looked there has done. */
export const NEAR_STEPS = 1;

/** Flows lie by the hour, so that some minutes of it are read for little more than one. */
const NEAR_NS = 5n * MINUTE_NS;

/**
 * The minutes at the end from which a range is read, and what is left of the range behind them. Few
 * flows are mostly found there: read at once they cost one question, not two.
 * @returns undefined where that end is not known, or the range is of no length
 */
export function nearEnd(
  { since, until }: TimeRange,
  from: "newest" | "oldest",
): { near: { since: bigint; until: bigint }; rest: TimeRange | undefined } | undefined {
  if (since !== undefined && until !== undefined && since > until) return undefined;
  if (from === "newest") {
    if (until === undefined) return undefined;
    const edge = until - NEAR_NS;
    if (since !== undefined && since >= edge) return { near: { since, until }, rest: undefined };
    return {
      near: { since: edge, until },
      rest: { ...(since === undefined ? {} : { since }), until: edge - 1n },
    };
  }
  if (since === undefined) return undefined;
  const edge = since + NEAR_NS;
  if (until !== undefined && until <= edge) return { near: { since, until }, rest: undefined };
  return {
    near: { since, until: edge },
    rest: { since: edge + 1n, ...(until === undefined ? {} : { until }) },
  };
}

/**
 * The part of a range that holds its newest (or oldest) `n` matching flows, with how many
 * it holds. Looks at a minute first, then at ever longer spans: a page of the newest flows
 * does not read a week.
 * @param known steps that were looked at before: the range lies behind them
 */
export async function spanOf(
  run: Runner,
  query: Bounded,
  n: number,
  from: "newest" | "oldest",
  signal: AbortSignal | undefined,
  known = 0,
): Promise<{ since: bigint; until: bigint; found: number } | undefined> {
  let found = 0;
  let edge: bigint | undefined;
  let { since, until } = query;
  for (let step = known; since <= until && found < n; step++) {
    const length = STEPS[step];
    const window = { since, until };
    if (length !== undefined && until - since > length) {
      if (from === "newest") window.since = until - length;
      else window.until = since + length;
    }
    const params = new Params();
    const where = whereOf({ ...query, ...window }, params);
    const order = from === "newest" ? "DESC" : "ASC";
    const edgeOf = from === "newest" ? "min" : "max";
    const [row] = await run.rows<{ found: string; edge: string }>(
      `SELECT count() AS found, toUnixTimestamp64Nano(${edgeOf}(time)) AS edge FROM (SELECT time FROM flows WHERE ${where} ORDER BY time ${order} LIMIT ${params.add("UInt64", BigInt(n - found))})`,
      params,
      signal,
    );
    if (row !== undefined && row.found !== "0") {
      found += Number(row.found);
      edge = BigInt(row.edge);
    }
    if (from === "newest") until = window.since - 1n;
    else since = window.until + 1n;
  }
  if (edge === undefined) return undefined;
  return from === "newest"
    ? { since: edge, until: query.until, found }
    : { since: query.since, until: edge, found };
}
