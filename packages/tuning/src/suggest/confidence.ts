import type { Confidence, Evidence, TrafficPattern } from "@dropscope/model";
import { periodOf } from "./pattern.js";
import type { Seen } from "./traffic.js";

/** A week has every day in it. */
const LONG_HOURS = 7 * 24;
const SHORT_HOURS = 24;
const WELL_COVERED = 0.9;
const BADLY_COVERED = 0.5;
/** So often something periodic must have come before it is believed. */
const RUNS = 3;

const STRENGTH: readonly TrafficPattern[] = ["regular", "periodic", "once", "scan"];

/** The strongest of what its edges show. */
export function patternOfAll(seen: readonly Seen[]): TrafficPattern {
  return STRENGTH.find((one) => seen.some(({ pattern }) => pattern === one)) ?? "regular";
}

/** How far a rule can be trusted, from the length and the coverage of the observation. */
export function confidenceOf(
  seen: readonly Seen[],
  { hours, hoursSeen, gaps, left }: Evidence,
): { readonly confidence: Confidence; readonly why: string } {
  if (seen.length === 0)
    return {
      confidence: "medium",
      why: "Nothing observed asks for it; what it is for breaks without it.",
    };
  const pattern = patternOfAll(seen);
  const covered = hours === 0 ? 0 : hoursSeen / hours;
  const days = Math.max(1, Math.round(hours / 24));
  if (pattern === "scan" || seen.every(({ edge }) => edge.outcome === "dropped"))
    return {
      confidence: "low",
      why: "It is allowed because it was asked for, not because it worked.",
    };
  if (pattern === "once")
    return {
      confidence: "low",
      why: "It was seen in one short while alone: it may never come again.",
    };
  if (hours < SHORT_HOURS)
    return {
      confidence: "low",
      why: `Only ${hours === 1 ? "one hour was" : `${hours} hours were`} observed: what runs by day or week is not in it.`,
    };
  if (covered < BADLY_COVERED)
    return { confidence: "low", why: `Of ${hours} hours only ${hoursSeen} were observed.` };
  if (pattern === "periodic") {
    const [most] = seen.toSorted((a, b) => b.edge.hours.length - a.edge.hours.length);
    const period = periodOf(most?.edge.hours ?? []) ?? 0;
    const runs = most?.edge.hours.length ?? 0;
    const every = `It comes back every ${hoursText(period)}`;
    if (runs < RUNS) return { confidence: "medium", why: `${every}, and was seen twice.` };
    return hours >= LONG_HOURS && covered >= WELL_COVERED && gaps.length === 0
      ? { confidence: "high", why: `${every}.` }
      : { confidence: "medium", why: `${every}; the observation has gaps or is short.` };
  }
  const lacks = [
    ...(hours < LONG_HOURS ? [`it is ${days === 1 ? "one day" : `${days} days`} long`] : []),
    ...(covered < WELL_COVERED ? [`${hours - hoursSeen} of ${hours} hours are missing`] : []),
    ...(gaps.length > 0 ? ["events were lost"] : []),
    ...(left > 0 ? ["not every connection was looked at"] : []),
  ];
  return lacks.length === 0
    ? { confidence: "high", why: `Seen all along in ${days} days without a gap.` }
    : { confidence: "medium", why: `The observation has its limits: ${lacks.join(", ")}.` };
}

function hoursText(hours: number): string {
  if (hours % 24 === 0 && hours > 0) return hours === 24 ? "day" : `${hours / 24} days`;
  return hours === 1 ? "hour" : `${hours} hours`;
}
