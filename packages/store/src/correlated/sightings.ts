import { problemState, type ProblemState } from "@dropscope/model";

const MINUTE_MS = 60_000;

export interface Then {
  readonly state: ProblemState;
  /** ms since 1970, to the minute. */
  readonly last: number;
}

/**
 * How it was with a problem at a moment, from the minutes (start, ms) in which something of it was
 * counted: what is kept of it otherwise is how it was last. Undefined when nothing of it was seen yet.
 *
 * The first minute stands for what lies before the range that was read: a problem that was resolved
 * and seen again before that is not told from one that went on.
 */
export function sightingsAt(
  at: number,
  first: number,
  minutes: readonly number[],
  episodeMs: number,
): Then | undefined {
  const seen = minutes.filter((minute) => minute <= at).toSorted((a, b) => a - b);
  const newest = seen.at(-1);
  if (newest === undefined || first > at) return undefined;
  const begun = seen.findLast(
    (minute, index) => index === 0 || minute - (seen[index - 1] ?? 0) >= episodeMs,
  );
  const last = Math.min(at, newest + MINUTE_MS - 1);
  // The first minute begins before the first drop.
  const episode = Math.max(first, begun ?? newest);
  return { state: problemState({ first, last, episode }, at, episodeMs), last };
}
