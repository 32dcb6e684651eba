const DAY = 24;

/** Flows of an edge by hour, a day after the other: some edges have every hour of a month, and most have few. */
export interface DaysRow {
  /** Twice the day since 1970, and one more for policy verdicts; in any order, each once. */
  readonly days: readonly number[];
  /** Of each of them the hours in which there were flows, as bits, the lowest for the first hour. */
  readonly masks: readonly number[];
  /** Flows in each of these hours, without a gap between the days. */
  readonly parts: readonly number[];
}

/** What the queries of the fold say of hours, from the row to the edge. */
export const HOURS_SQL = {
  /** Of a row. */
  day: `intDiv(hour, ${DAY})`,
  /** Of the rows of a day: as fast as a sum of them all, which a group for each hour is not. */
  slots: `sumResample(0, ${DAY}, 1)(toFloat64(weight), hour % ${DAY})`,
  /** Of a day, without the hours in which there was nothing. */
  packed: `arrayFilter(n -> n > 0, slots) AS seen,
    toUInt32(arraySum((n, bit) -> if(n > 0, bit, 0), slots, arrayMap(at -> bitShiftLeft(toUInt32(1), at), range(${DAY})))) AS mask`,
  /** Of all days of an edge: `DaysRow`. */
  days: "groupArray(toUInt32(day * 2 + judged)) AS days, groupArray(mask) AS masks, groupArrayArray(seen) AS parts",
} as const;

/** Every hour with a flow, since 1970 and ascending, with its flows; of policy verdicts, or of all others. */
export function hoursOf(
  { days, masks, parts }: DaysRow,
  ofVerdicts: boolean,
): { hours: number[]; hourFlows: number[] } {
  const starts: number[] = [];
  let start = 0;
  for (const mask of masks) {
    starts.push(start);
    start += bitsOf(mask);
  }
  const order = [...days.keys()].sort((a, b) => (days[a] ?? 0) - (days[b] ?? 0));
  const hours: number[] = [];
  const hourFlows: number[] = [];
  for (let at = 0; at < order.length;) {
    const first = order[at] ?? 0;
    const day = (days[first] ?? 0) >> 1;
    let all = 0;
    let counted = 0;
    let next = 0;
    // A day is there twice at most.
    for (; at < order.length && (days[order[at] ?? 0] ?? 0) >> 1 === day; at++) {
      const one = order[at] ?? 0;
      const mask = masks[one] ?? 0;
      all |= mask;
      if (((days[one] ?? 0) & 1) !== Number(ofVerdicts)) continue;
      counted = mask;
      next = starts[one] ?? 0;
    }
    for (let hour = 0; hour < DAY; hour++) {
      const bit = 1 << hour;
      if ((all & bit) === 0) continue;
      hours.push(day * DAY + hour);
      hourFlows.push((counted & bit) === 0 ? 0 : (parts[next++] ?? 0));
    }
  }
  return { hours, hourFlows };
}

function bitsOf(mask: number): number {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}
