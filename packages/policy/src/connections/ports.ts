/** A set of ports: inclusive intervals, ascending, neither touching nor overlapping. */
export type PortSet = readonly PortInterval[];

export type PortInterval = readonly [first: number, last: number];

export const NO_PORTS: PortSet = [];
export const ALL_PORTS: PortSet = [[1, 65_535]];

/** What lies outside 1–65535 is cut off; an interval that ends before it starts is empty. */
export function portSet(intervals: readonly PortInterval[]): PortSet {
  const sorted = intervals
    .map(([first, last]): [number, number] => [Math.max(first, 1), Math.min(last, 65_535)])
    .filter(([first, last]) => first <= last)
    .sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const next of sorted) {
    const previous = merged.at(-1);
    if (previous !== undefined && next[0] <= previous[1] + 1)
      previous[1] = Math.max(previous[1], next[1]);
    else merged.push(next);
  }
  return merged;
}

export function unitePorts(a: PortSet, b: PortSet): PortSet {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  return portSet([...a, ...b]);
}

export function intersectPorts(a: PortSet, b: PortSet): PortSet {
  const shared: PortInterval[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [firstA, lastA] = a[i] as PortInterval;
    const [firstB, lastB] = b[j] as PortInterval;
    const first = Math.max(firstA, firstB);
    const last = Math.min(lastA, lastB);
    if (first <= last) shared.push([first, last]);
    if (lastA < lastB) i++;
    else j++;
  }
  return shared;
}

export function subtractPorts(a: PortSet, b: PortSet): PortSet {
  if (a.length === 0 || b.length === 0) return a;
  const gaps: PortInterval[] = [];
  let next = 1;
  for (const [first, last] of b) {
    if (next < first) gaps.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= 65_535) gaps.push([next, 65_535]);
  return intersectPorts(a, gaps);
}

export function hasPort(set: PortSet, port: number): boolean {
  return set.some(([first, last]) => first <= port && port <= last);
}

export function samePorts(a: PortSet, b: PortSet): boolean {
  return (
    a.length === b.length &&
    a.every(([first, last], i) => first === b[i]?.[0] && last === b[i]?.[1])
  );
}
