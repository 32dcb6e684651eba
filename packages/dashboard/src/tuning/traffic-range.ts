import type { Limits } from "../config.js";
import { parseRange, type Range } from "../query/range.js";
import { parseTime } from "../query/time.js";

const DEFAULT_SPAN_MS = 7 * 24 * 3_600_000;

export interface AskedRange {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** A range, and whether its end is the moment of asking. */
export interface TuningRange extends Range {
  readonly isOpen: boolean;
  /** Equal for what is asked by the same words. */
  readonly asked: string;
}

/**
 * The range that is tuned by: a week up to the end that is asked for, unless it has a beginning.
 * @throws Problem 400 `BAD_TIME`, 400 `BAD_RANGE`, 422 `RANGE_TOO_WIDE`
 */
export function tuningRange(
  { since, until }: AskedRange,
  now: number,
  limits: Pick<Limits, "spanMs">,
): TuningRange {
  const isOpen = until === undefined || until.trim() === "now";
  const end = Number(parseTime("until", until ?? "now", now) / 1_000_000n);
  const begin = since ?? String(Math.max(0, end - DEFAULT_SPAN_MS));
  return { ...parseRange({ since: begin, until }, now, limits), isOpen, asked: since ?? "" };
}
