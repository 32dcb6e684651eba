import type { TrafficPattern } from "@dropscope/model";

/** Below so many hours nothing can be said about how often something comes back. */
export const SHORTEST_FOR_PATTERNS = 12;
/** What lies within so many hours is one occasion. */
const ONE_OCCASION = 2;
/** Two distances of one period may differ: each run begins before or after the turn of an hour. */
const SLACK_HOURS = 2;
const SLACK_SHARE = 0.1;
/** What comes back sooner, or is there for more of the time, is just there. */
const SHORTEST_PERIOD = 3;
const MOST_OF_TIME = 0.3;

/**
 * How an edge comes back, by the hours in which it was seen.
 * @param hours since 1970, ascending
 * @param observed hours in which anything was seen at all
 */
export function patternOf(
  hours: readonly number[],
  observed: readonly number[],
): Exclude<TrafficPattern, "scan"> {
  if (observed.length < SHORTEST_FOR_PATTERNS) return "regular";
  const [first = 0] = hours;
  const last = hours.at(-1) ?? first;
  if (last - first < ONE_OCCASION) return "once";
  return periodOf(hours) === undefined ? "regular" : "periodic";
}

/** Hours from one run to the next; undefined where they do not come at even distances. */
export function periodOf(hours: readonly number[]): number | undefined {
  const starts = hours.filter((hour, at) => at === 0 || hour - (hours[at - 1] ?? 0) > 1);
  const gaps = starts.slice(1).map((hour, at) => hour - (starts[at] ?? 0));
  if (gaps.length === 0) return undefined;
  const period = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  const span = (hours.at(-1) ?? 0) - (hours[0] ?? 0) + 1;
  if (period < SHORTEST_PERIOD || hours.length > span * MOST_OF_TIME) return undefined;
  // Twice says something only where people set clocks to it: a day, a week.
  if (gaps.length === 1 && period % 24 > SLACK_HOURS && period % 24 < 24 - SLACK_HOURS)
    return undefined;
  const slack = Math.max(Math.min(SLACK_HOURS, period / 3), period * SLACK_SHARE);
  // A run that was missed leaves a gap of several periods.
  const isEven = (gap: number): boolean => {
    const times = Math.max(1, Math.round(gap / period));
    return times <= 3 && Math.abs(gap - times * period) <= slack;
  };
  return gaps.every(isEven) ? period : undefined;
}
