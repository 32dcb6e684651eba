import type { Limits } from "../config.js";
import { Problem } from "../problem.js";
import { sayDuration } from "../query/duration.js";
import type { Range } from "../query/range.js";
import { FUTURE_SLACK_MS, parseTime } from "../query/time.js";

export interface AskedRanges {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly withSince?: string | undefined;
  readonly withUntil?: string | undefined;
}

export interface ComparedRanges {
  readonly before: Range;
  readonly after: Range;
}

const NS_PER_MS = 1_000_000n;
const DEFAULT_SPAN_NS = 15n * 60_000n * NS_PER_MS;
const LEAST_SPAN_NS = 1_000n * NS_PER_MS;

/**
 * The range in question and the one that it is compared with. Without the second one it is as much
 * time right before the first; without either, the last 15 minutes.
 * @throws Problem 400 `BAD_TIME`, `BAD_RANGE`, `RANGE_OPEN`; 422 `RANGE_TOO_WIDE`
 */
export function parseRanges(
  asked: AskedRanges,
  nowMs: number,
  limits: Pick<Limits, "spanMs">,
): ComparedRanges {
  const until = BigInt(nowMs) * NS_PER_MS;
  const after = rangeOf(["since", "until"], asked, nowMs, limits) ?? {
    since: until - DEFAULT_SPAN_NS,
    until,
  };
  const before = rangeOf(["withSince", "withUntil"], asked, nowMs, limits);
  if (before === undefined)
    return {
      after,
      before: { since: 2n * after.since - after.until, until: after.since - 1n },
    };
  // Both ends count: where one range ends as the other begins, nothing may count twice.
  return {
    after,
    before: { ...before, until: before.until - (before.until === after.since ? 1n : 0n) },
  };
}

type Ends = readonly ["since", "until"] | readonly ["withSince", "withUntil"];

function rangeOf(
  ends: Ends,
  asked: AskedRanges,
  nowMs: number,
  limits: Pick<Limits, "spanMs">,
): Range | undefined {
  const [first, last] = ends;
  const [from, to] = [asked[first], asked[last]];
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined || to === undefined) throw open(ends, from === undefined);
  const range = { since: parseTime(first, from, nowMs), until: parseTime(last, to, nowMs) };
  if (range.since > range.until)
    throw bad(`${first} is later than ${last}.`, `Give ${first} and ${last} in order of time.`);
  if (range.until > BigInt(nowMs + FUTURE_SLACK_MS) * NS_PER_MS)
    throw bad(`${last} lies in the future.`, `Give \`${last}\` as now, or earlier.`);
  if (range.until - range.since < LEAST_SPAN_NS)
    throw bad(`From ${first} to ${last} is less than a second.`, "Compare longer ranges.");
  if (range.until - range.since > BigInt(limits.spanMs) * NS_PER_MS)
    throw new Problem(
      422,
      "RANGE_TOO_WIDE",
      `From ${first} to ${last} is longer than ${sayDuration(limits.spanMs)}.`,
      `Give a later \`${first}\` or an earlier \`${last}\`.`,
    );
  return range;
}

function open([first, last]: Ends, noBeginning: boolean): Problem {
  const [given, missing] = noBeginning ? [last, first] : [first, last];
  return new Problem(
    400,
    "RANGE_OPEN",
    `A range with ${given} and without ${missing} has no ${noBeginning ? "beginning" : "end"}.`,
    `Give \`${missing}\` too: what is compared must not grow meanwhile.`,
  );
}

function bad(message: string, next: string): Problem {
  return new Problem(400, "BAD_RANGE", message, next);
}
