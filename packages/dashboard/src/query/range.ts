import { type FlowQuery, fitsRollup } from "@dropscope/store";
import type { Limits } from "../config.js";
import { Problem } from "../problem.js";
import { parseDuration, sayDuration } from "./duration.js";
import { FUTURE_SLACK_MS, parseTime } from "./time.js";

/** ns since 1970, both ends inclusive. */
export interface Range {
  since: bigint;
  until: bigint;
}

const NS_PER_MS = 1_000_000n;
const DEFAULT_SPAN = "15m";
const MAX_BUCKETS = 1_500;
const WANTED_BUCKETS = 300;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48, 168].map((n) => n * HOUR),
];

/** As of a moment: what was then, and so much before it. ms since 1970. */
export function rangeBefore(at: number, spanMs: number): Range {
  const until = BigInt(Math.ceil(at)) * NS_PER_MS;
  return { since: until - BigInt(spanMs) * NS_PER_MS, until };
}

/** @throws Problem 400 `BAD_TIME`, 400 `BAD_RANGE`, 422 `RANGE_TOO_WIDE` */
export function parseRange(
  asked: { since?: string | undefined; until?: string | undefined },
  nowMs: number,
  limits: Pick<Limits, "spanMs">,
): Range {
  const until = parseTime("until", asked.until ?? "now", nowMs);
  const future = BigInt(nowMs + FUTURE_SLACK_MS) * NS_PER_MS;
  const since =
    asked.since === undefined
      ? parseTime("since", DEFAULT_SPAN, Number(until / NS_PER_MS))
      : parseTime("since", asked.since, nowMs);
  if (since > until) {
    const why = asked.until === undefined ? "lies in the future" : "is later than until";
    throw new Problem(400, "BAD_RANGE", `since ${why}.`, "Give since and until in order of time.");
  }
  if (since > future)
    throw new Problem(
      400,
      "BAD_RANGE",
      "The range lies in the future.",
      "Give a range of the past.",
    );
  if (spanMs({ since, until }) > limits.spanMs) {
    throw new Problem(
      422,
      "RANGE_TOO_WIDE",
      `The range is longer than ${sayDuration(limits.spanMs)}.`,
      "Give a later `since` or an earlier `until`.",
    );
  }
  return { since, until };
}

/**
 * Single flows are read for a day at most; more is answered only from counts of whole
 * minutes, which know verdict, reason, direction, node and namespaces.
 * @throws Problem 422 `RANGE_TOO_WIDE`
 */
export function checkSpan(
  range: Range,
  query: Pick<FlowQuery, "viewer" | "selection">,
  limits: Pick<Limits, "rawSpanMs">,
  stepMs = MINUTE,
): void {
  if (spanMs(range) <= limits.rawSpanMs) return;
  if (stepMs % MINUTE === 0 && fitsRollup(query)) return;
  refuseRaw(range, limits);
}

/** @throws Problem 422 `RANGE_TOO_WIDE` for more than single flows are read of */
export function refuseRaw(range: Range, limits: Pick<Limits, "rawSpanMs">): void {
  if (spanMs(range) <= limits.rawSpanMs) return;
  const limit = sayDuration(limits.rawSpanMs);
  throw new Problem(
    422,
    "RANGE_TOO_WIDE",
    `This question reads single flows, and may span ${limit} at most.`,
    `Choose a range of ${limit} or less, or filter by verdict, reason, direction, node and namespace only.`,
  );
}

/** @throws Problem 400 `BAD_STEP` */
export function parseStep(text: string | undefined, range: Range): number {
  const span = spanMs(range);
  if (text === undefined) {
    return STEPS.find((step) => span / step <= WANTED_BUCKETS) ?? (STEPS.at(-1) as number);
  }
  const step = /^\d+$/.test(text) ? Number(text) : parseDuration(text);
  if (step === undefined || step < SECOND || step % SECOND !== 0) {
    throw new Problem(
      400,
      "BAD_STEP",
      `step: ${JSON.stringify(text.slice(0, 40))} is not a whole number of seconds.`,
      "Give `step` as 1s, 30s, 5m, 1h, or in ms.",
    );
  }
  // The range is widened to whole steps, which can add one bucket.
  if (span / step > MAX_BUCKETS - 2) {
    const least = STEPS.find((candidate) => span / candidate <= MAX_BUCKETS - 2);
    throw new Problem(
      400,
      "BAD_STEP",
      `step: ${sayDuration(step)} cuts this range into more than ${MAX_BUCKETS} pieces.`,
      `Use a step of ${sayDuration(least ?? span)} or more, or a shorter range.`,
    );
  }
  return step;
}

/** The smallest range of whole steps that holds `range`, so that every bucket is complete. */
export function alignRange(range: Range, stepMs: number): Range {
  const step = BigInt(stepMs) * NS_PER_MS;
  return {
    since: (range.since / step) * step,
    until: (range.until / step + 1n) * step - 1n,
  };
}

export function spanMs(range: Range): number {
  return Number((range.until - range.since) / NS_PER_MS);
}
