/** Work that waits for its moment, in ns since the start of the simulation. */
export interface Timeline {
  at(time: number, run: (time: number) => void): void;
  /** Runs everything due up to and including `time`, oldest first, equal times in the order they were asked for. */
  runUntil(time: number): void;
}

interface Entry {
  time: number;
  order: number;
  run: (time: number) => void;
}

/** A binary heap: the order of events never depends on how far one step goes. */
export function createTimeline(): Timeline {
  const heap: Entry[] = [];
  let order = 0;

  const before = (a: Entry, b: Entry): boolean =>
    a.time < b.time || (a.time === b.time && a.order < b.order);

  const push = (entry: Entry): void => {
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!before(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  };

  const pop = (): Entry => {
    const top = heap[0] as Entry;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && before(right, left)) child++;
      const smaller = heap[child] as Entry;
      if (!before(smaller, last)) break;
      heap[at] = smaller;
      at = child;
    }
    heap[at] = last;
    return top;
  };

  return {
    at: (time, run) => push({ time, order: order++, run }),
    runUntil(time) {
      for (let top = heap[0]; top !== undefined && top.time <= time; top = heap[0]) {
        const entry = pop();
        entry.run(entry.time);
      }
    },
  };
}

export const US = 1_000;
export const MS = 1_000_000;
export const SECOND = 1_000_000_000;
