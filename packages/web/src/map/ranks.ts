/** Columns from left to right: whoever asks stands left of whom it asks, as far as circles allow. Pure. */

export interface Arrow {
  from: string;
  to: string;
}

/**
 * An order with few arrows against it (the greedy one of Eades, Lin and Smyth): sources to the
 * front, sinks to the back, and in a circle whoever asks more than it is asked goes first.
 */
function sequence(ids: readonly string[], arrows: readonly Arrow[]): string[] {
  const out = new Map(ids.map((id) => [id, new Set<string>()]));
  const into = new Map(ids.map((id) => [id, new Set<string>()]));
  for (const { from, to } of arrows) {
    if (from === to) continue;
    out.get(from)?.add(to);
    into.get(to)?.add(from);
  }
  const left: string[] = [];
  const right: string[] = [];
  const open = new Set([...ids].sort());
  const take = (id: string, side: string[]): void => {
    side.push(id);
    open.delete(id);
    for (const next of out.get(id) ?? []) into.get(next)?.delete(id);
    for (const before of into.get(id) ?? []) out.get(before)?.delete(id);
  };
  while (open.size > 0) {
    const all = [...open];
    const sinks = all.filter((id) => out.get(id)?.size === 0 && into.get(id)?.size !== 0);
    const sources = all.filter((id) => into.get(id)?.size === 0);
    for (const id of sinks) take(id, right);
    for (const id of sources) if (open.has(id)) take(id, left);
    if (sinks.length + sources.length > 0) continue;
    let best = all[0] as string;
    const surplus = (id: string): number => (out.get(id)?.size ?? 0) - (into.get(id)?.size ?? 0);
    for (const id of all) if (surplus(id) > surplus(best)) best = id;
    take(best, left);
  }
  return [...left, ...right.reverse()];
}

/** The column of each id, from 0. An id in `before` keeps its column: a picture that jumps cannot be read. */
export function ranksOf(
  ids: readonly string[],
  arrows: readonly Arrow[],
  before: ReadonlyMap<string, number> = new Map(),
): Map<string, number> {
  const order = sequence(ids, arrows);
  const place = new Map(order.map((id, index) => [id, index]));
  const forward = new Map<string, string[]>();
  for (const { from, to } of arrows) {
    const start = place.get(from);
    const end = place.get(to);
    if (start === undefined || end === undefined || start === end) continue;
    const [first, second] = start < end ? [from, to] : [to, from];
    forward.set(first, [...(forward.get(first) ?? []), second]);
  }
  const ranks = new Map<string, number>();
  for (const id of order) {
    const rank = before.get(id) ?? ranks.get(id) ?? 0;
    ranks.set(id, rank);
    for (const next of forward.get(id) ?? []) {
      ranks.set(next, Math.max(ranks.get(next) ?? 0, rank + 1));
    }
  }
  return ranks;
}

/**
 * Ids of each column from top to bottom, near the middle of their neighbours. Those in `before` keep
 * their order among themselves; empty columns are left out.
 */
export function columnsOf(
  ids: readonly string[],
  arrows: readonly Arrow[],
  ranks: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number> = new Map(),
): string[][] {
  const byRank = new Map<number, string[]>();
  for (const id of [...ids].sort()) {
    const rank = ranks.get(id) ?? 0;
    byRank.set(rank, [...(byRank.get(rank) ?? []), id]);
  }
  const columns = [...byRank.entries()].sort(([a], [b]) => a - b).map(([, column]) => column);
  const near = new Map<string, string[]>();
  for (const { from, to } of arrows) {
    if (from === to) continue;
    near.set(from, [...(near.get(from) ?? []), to]);
    near.set(to, [...(near.get(to) ?? []), from]);
  }
  const at = new Map<string, number>();
  const number = (): void => {
    for (const column of columns) {
      column.forEach((id, index) => at.set(id, (index + 0.5) / column.length));
    }
  };
  number();
  for (let sweep = 0; sweep < 6; sweep++) {
    for (const column of sweep % 2 === 0 ? columns : columns.toReversed()) {
      const wanted = new Map(column.map((id) => [id, middle(near.get(id) ?? [], at, at.get(id))]));
      column.sort(
        (a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0) || (a < b ? -1 : a > b ? 1 : 0),
      );
      keepOrder(column, before);
      column.forEach((id, index) => at.set(id, (index + 0.5) / column.length));
    }
  }
  return columns;
}

function middle(
  neighbours: readonly string[],
  at: ReadonlyMap<string, number>,
  own: number | undefined,
): number {
  const places = neighbours.map((id) => at.get(id)).filter((place) => place !== undefined);
  if (places.length === 0) return own ?? 0;
  return places.reduce((sum, place) => sum + place, 0) / places.length;
}

/** Puts those that were there before into their old order, on the places that they now have. */
function keepOrder(column: string[], before: ReadonlyMap<string, number>): void {
  const known = column
    .filter((id) => before.has(id))
    .sort((a, b) => (before.get(a) ?? 0) - (before.get(b) ?? 0));
  let next = 0;
  column.forEach((id, index) => {
    if (before.has(id)) column[index] = known[next++] as string;
  });
}
