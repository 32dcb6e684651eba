import type { Failure } from "./explanation.js";

/** More than any number of failing requirements: no edit of one clause makes the rule match. */
export const NEVER = 1_000_000;

/**
 * How far a rule is from matching: one for each failing requirement, port or
 * protocol; three for a peer entry of a kind that cannot be the end, since it
 * was meant for somebody else; `NEVER` for a rule that can match nothing.
 */
export function costOf(failures: readonly Failure[]): number {
  let cost = 0;
  for (const failure of failures) cost += costOfOne(failure);
  return cost;
}

function costOfOne(failure: Failure): number {
  switch (failure.dimension) {
    case "kind":
      return failure.reason === "cidr-covers-pod" ? 1 : 3;
    case "entity":
    case "service":
    case "unknown":
      return 3;
    case "nobody":
    case "no-port":
      return NEVER;
    default:
      return 1;
  }
}

/**
 * The failures of the entry that has the least; the first of equals. Stops at one that matches.
 * @param costAhead an entry's cost where it can be told without its failures, so that only those of the nearest are made
 */
export function cheapest<Entry>(
  entries: readonly Entry[],
  failuresOf: (entry: Entry) => readonly Failure[],
  costAhead: (entry: Entry) => number | undefined = () => undefined,
): readonly Failure[] {
  let best = (): readonly Failure[] => [];
  let bestCost = Infinity;
  for (const entry of entries) {
    const ahead = costAhead(entry);
    if (ahead !== undefined && ahead >= bestCost) continue;
    const failures = ahead === undefined ? failuresOf(entry) : undefined;
    const cost = ahead ?? costOf(failures!);
    if (cost === 0) return [];
    if (cost >= bestCost) continue;
    best = () => failures ?? failuresOf(entry);
    bestCost = cost;
  }
  return best();
}
