import type { ObservedEdge, ObservedTraffic } from "@dropscope/model";

const HOUR_NS = 3_600_000_000_000n;
const DAY_HOURS = 24;
/** Hours of a day in which something must have been stored for the day to prove anything. */
const ENOUGH_HOURS = 18;

/**
 * Days in a row up to the end of the range in which flows were stored for most of the day and none of
 * these edges was seen.
 * @param against what breaks, and what could not be judged: neither counts as clean
 */
export function cleanDays(
  { sinceNs, untilNs, hours }: Pick<ObservedTraffic, "sinceNs" | "untilNs" | "hours">,
  against: readonly Pick<ObservedEdge, "hours">[],
): number {
  const last = Number(untilNs / HOUR_NS);
  const first = Number(sinceNs / HOUR_NS);
  const bad = new Set(against.flatMap((edge) => edge.hours));
  const seen = new Set(hours);
  let days = 0;
  for (let end = last; end - DAY_HOURS + 1 >= first; end -= DAY_HOURS) {
    let observed = 0;
    for (let hour = end; hour > end - DAY_HOURS; hour--) {
      if (bad.has(hour)) return days;
      if (seen.has(hour)) observed++;
    }
    if (observed < ENOUGH_HOURS) return days;
    days++;
  }
  return days;
}
