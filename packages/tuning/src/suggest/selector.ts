import { byTelling, type Labels, matches, namesWorkload } from "./labels.js";

/** Which pods of a namespace are meant. */
export interface PodSelector {
  readonly labels: Labels;
  /** Keys that they must not have: only where others have all of their labels, and more. */
  readonly absent: readonly string[];
}

/** Sets of labels that are tried; beyond it the whole set is taken. */
const MOST_TRIED = 4096;

/**
 * The smallest selector that means these pods and none of the others of their namespace: by the label
 * that names the workload, with as many beside it as it takes.
 * @param lasting labels that every pod of it has, and will have
 * @param all labels of each of its pods
 * @param others labels of the other pods of the namespace
 * @returns undefined when nothing tells them apart
 */
export function selectorFor(
  lasting: Labels,
  all: readonly Labels[],
  others: readonly Labels[],
): PodSelector | undefined {
  const keys = byTelling(lasting);
  const pick = (chosen: readonly string[]): Labels =>
    Object.fromEntries(chosen.map((key) => [key, lasting[key] ?? ""]));
  const alone = (labels: Labels, absent: readonly string[] = []): boolean =>
    !others.some((one) => matches(one, labels, absent));
  const [first] = keys;
  const naming = first !== undefined && namesWorkload(first) ? first : undefined;
  for (const chosen of subsets(keys, naming)) {
    if (chosen.length === 0) continue;
    const labels = pick(chosen);
    if (alone(labels)) return { labels, absent: [] };
  }
  if (keys.length > 0 && alone(lasting)) return { labels: lasting, absent: [] };
  return (
    (naming === undefined ? undefined : byAbsence(pick([naming]), all, others)) ??
    byAbsence(lasting, all, others)
  );
}

/** Subsets by size; those with the naming label first. */
function* subsets(keys: readonly string[], naming: string | undefined): Generator<string[]> {
  let tried = 0;
  const rest = keys.filter((key) => key !== naming);
  const bases = naming === undefined ? [[]] : [[naming], []];
  for (const base of bases)
    for (let size = 0; size <= Math.min(rest.length, 3); size++)
      for (const more of combinations(rest, size)) {
        if (tried++ > MOST_TRIED) return;
        yield [...base, ...more];
      }
}

function* combinations(keys: readonly string[], size: number, from = 0): Generator<string[]> {
  if (size === 0) return yield [];
  for (let at = from; at <= keys.length - size; at++)
    for (const rest of combinations(keys, size - 1, at + 1)) yield [keys[at] ?? "", ...rest];
}

/** Others have all of their labels and more: what they have more must not be there. */
function byAbsence(
  labels: Labels,
  all: readonly Labels[],
  others: readonly Labels[],
): PodSelector | undefined {
  const absent: string[] = [];
  for (;;) {
    const left = others.filter((one) => matches(one, labels, absent));
    if (left.length === 0) return { labels, absent: absent.toSorted() };
    const mine = new Set(all.flatMap((one) => Object.keys(one)));
    const counts = new Map<string, number>();
    for (const one of left)
      for (const key of Object.keys(one))
        if (!mine.has(key)) counts.set(key, (counts.get(key) ?? 0) + 1);
    const [best] = [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    if (best === undefined) return undefined;
    absent.push(best[0]);
  }
}
