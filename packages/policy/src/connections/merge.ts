import { byEnds, type End, type Pair, rangeEnd } from "./ends.js";

type RangeEnd = Extract<End, { of: "range" }>;

/**
 * Joins neighbouring ranges of addresses about which the same is said; sorted by ends.
 * @param same whether what two of them say, ends aside, is the same
 */
export function mergeRanges<T extends Pair>(
  items: readonly T[],
  same: (a: T, b: T) => boolean,
): T[] {
  const merged: T[] = [];
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = workloadSide(item);
    const group = key === undefined ? undefined : groups.get(key);
    if (key === undefined) merged.push(item);
    else if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  for (const group of groups.values()) {
    group.sort((a, b) => rangeOf(a).first - rangeOf(b).first);
    let current = group[0] as T;
    for (const next of group.slice(1)) {
      const touches = rangeOf(current).last + 1 === rangeOf(next).first;
      if (touches && same(current, next)) current = withLast(current, rangeOf(next).last);
      else {
        merged.push(current);
        current = next;
      }
    }
    merged.push(current);
  }
  return merged.sort(byEnds);
}

function workloadSide({ from, to }: Pair): string | undefined {
  if (from.of === "range") return `=> ${to.text}`;
  return to.of === "range" ? `${from.text} =>` : undefined;
}

function rangeOf({ from, to }: Pair): RangeEnd["range"] {
  return (from.of === "range" ? from : (to as RangeEnd)).range;
}

function withLast<T extends Pair>(item: T, last: number): T {
  const end = rangeEnd({ first: rangeOf(item).first, last });
  return item.from.of === "range" ? { ...item, from: end } : { ...item, to: end };
}
