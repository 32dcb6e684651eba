const HOUR_NS = 3_600_000_000_000n;
/** Steps of a trend, at most: the hours of a week. */
const MOST_STEPS = 168;

/** A range in equal steps of whole hours, the newest last. */
export interface Steps {
  readonly count: number;
  /** Adds what was seen in some hours (since 1970) to a trend of `count` steps; hours outside the range are passed over. */
  add(
    trend: number[],
    hours: readonly number[],
    amounts: readonly number[],
    /** What part of the amounts is meant, 0 to 1. */
    share: number,
  ): void;
}

/** Both ends in ns since 1970 and inclusive; an end before the beginning counts as the same hour. */
export function stepsOf(sinceNs: bigint, untilNs: bigint): Steps {
  const last = Number(untilNs / HOUR_NS);
  const hours = Math.max(1, last - Number(sinceNs / HOUR_NS) + 1);
  const perStep = Math.ceil(hours / MOST_STEPS);
  const count = Math.ceil(hours / perStep);
  return {
    count,
    add(trend, seen, amounts, share) {
      for (const [index, hour] of seen.entries()) {
        const step = count - 1 - Math.floor((last - hour) / perStep);
        if (step < 0 || step >= count) continue;
        trend[step] = (trend[step] ?? 0) + (amounts[index] ?? 0) * share;
      }
    },
  };
}
