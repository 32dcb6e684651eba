/** Commits of one second follow one another all the same: the µs of the store, in ms. */
const TICK_MS = 0.001;

export interface CommitTimes {
  /** Ascending, ms since 1970; one for each commit. */
  readonly at: readonly number[];
  /** Places of commits whose own time was not believed. */
  readonly doubted: readonly number[];
}

/**
 * When commits held, from the times that they carry, in the order of the history. Clocks are wrong
 * and histories are rewritten, so that times go back: then the most commits that are in order
 * among themselves are believed, and each of the others takes effect right after the one before it.
 * @param told ms since 1970, NaN where none is told; the oldest commit first
 */
export function settleTimes(told: readonly number[]): CommitTimes {
  const order = longestAscending(told);
  const believed = new Set(order);
  const doubted: number[] = [];
  const at: number[] = [];
  for (const [i, own] of told.entries()) {
    if (!believed.has(i)) doubted.push(i);
    const before = at.at(-1);
    // Before the first that is believed there is only what comes after to go by.
    const from = believed.has(i) ? own : (before ?? told[order[0] ?? -1] ?? 0);
    at.push(before === undefined ? from : Math.max(from, before + TICK_MS));
  }
  return { at, doubted };
}

/** Places of a longest sequence that never goes back, in order. */
function longestAscending(values: readonly number[]): number[] {
  /** By length − 1: where the sequence of that length that ends lowest ends. */
  const ends: number[] = [];
  const previous: number[] = [];
  for (const [i, value] of values.entries()) {
    previous.push(-1);
    if (!Number.isFinite(value)) continue;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((values[ends[middle] as number] as number) <= value) low = middle + 1;
      else high = middle;
    }
    if (low > 0) previous[i] = ends[low - 1] as number;
    ends[low] = i;
  }
  const places: number[] = [];
  for (let i = ends.at(-1) ?? -1; i >= 0; i = previous[i] as number) places.push(i);
  return places.reverse();
}
