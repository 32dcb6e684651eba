/** Where everything stands, in px. Groups in columns, in each group its nodes in columns. Pure. */
import type { Graph } from "./graph.js";
import type { Band } from "./lanes.js";
import { columnsOf, ranksOf } from "./ranks.js";

export interface Box {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  width: number;
  height: number;
  /** By group key; a folded group has none. */
  groups: Map<string, Box>;
  /** By item id. */
  items: Map<string, Box>;
  /** What lines go around: the groups of a column, and the columns within a group. */
  bands: Band[];
  /** Items as the arrow keys walk them: columns of the whole picture, left to right. */
  columns: string[][];
}

/** Columns and orders of the pictures before, so that the next one resembles them. */
export interface Memory {
  ranks: Map<string, number>;
  order: Map<string, number>;
}

export function createMemory(): Memory {
  return { ranks: new Map(), order: new Map() };
}

export const NODE = { width: 164, height: 30, gap: 10 };
const GROUP = { pad: 12, head: 32, gap: 26, inner: 52, between: 96 };
const EDGE = 22;
/** Beyond this a column goes on beside itself: nobody scrolls past a hundred rows. */
const TALLEST = 16;

interface Inner {
  width: number;
  height: number;
  items: Box[];
}

/**
 * Lays out and remembers. Where the picture would be wider than `room` (px) each group is one column:
 * who asks stands above whom it asks.
 */
export function layoutOf(graph: Graph, memory: Memory, room = Number.POSITIVE_INFINITY): Layout {
  const wide = place(graph, memory, Number.POSITIVE_INFINITY);
  return wide.width > room ? place(graph, memory, room) : wide;
}

function place(graph: Graph, memory: Memory, room: number): Layout {
  const narrow = Number.isFinite(room);
  const home = new Map(
    graph.groups.flatMap((group) => group.items.map((item) => [item.id, group.key] as const)),
  );
  const inside = new Map<string, { from: string; to: string }[]>();
  const across: { from: string; to: string }[] = [];
  for (const { from, to } of graph.links) {
    const source = home.get(from) ?? "";
    const target = home.get(to) ?? "";
    if (source !== target) across.push({ from: source, to: target });
    else inside.set(source, [...(inside.get(source) ?? []), { from, to }]);
  }
  const inner = new Map<string, Inner>();
  for (const group of graph.groups) {
    const ids = group.items.map(({ id }) => id);
    const arrows = inside.get(group.key) ?? [];
    const columns = group.folded ? [ids] : arrange(ids, arrows, memory, "");
    const shape = narrow ? cut(columns.flat()) : columns.flatMap(cut);
    // Arcs within a column need a place beside it.
    const aside = narrow && arrows.length > 0 && !group.folded ? 26 : 0;
    inner.set(group.key, innerOf(shape, group.folded, aside));
  }
  const keys = graph.groups.map(({ key }) => key);
  const step = NODE.width + GROUP.pad * 2 + GROUP.between;
  // Somewhat wider than the room, and scrolled, is better than groups that ask each other in one column.
  const most = Math.max(6, Math.floor((room * 1.4) / step));
  const columns = squeezed(arrange(keys, across, memory, "group "), most);

  const layout: Layout = {
    width: 0,
    height: 0,
    groups: new Map(),
    items: new Map(),
    bands: [],
    columns: [],
  };
  const walked: { x: number; y: number; id: string }[] = [];
  const foldedKeys = new Set(graph.groups.filter(({ folded }) => folded).map(({ key }) => key));
  let x = EDGE;
  for (const column of columns) {
    const width = Math.max(...column.map((key) => inner.get(key)?.width ?? 0));
    let y = EDGE;
    const boxes: Box[] = [];
    for (const key of column) {
      const box = inner.get(key);
      if (!box) continue;
      const own = { id: key, x, y, width: box.width, height: box.height };
      boxes.push(own);
      if (!foldedKeys.has(key)) layout.groups.set(key, own);
      for (const item of box.items) {
        const placed = { ...item, x: x + item.x, y: y + item.y };
        layout.items.set(item.id, placed);
        walked.push(placed);
      }
      y += box.height + GROUP.gap;
    }
    layout.bands.push({ left: x, right: x + width, boxes });
    layout.height = Math.max(layout.height, y - GROUP.gap + EDGE);
    x += width + GROUP.between;
  }
  // Arcs of the last column stand beside it.
  layout.width = Math.max(0, x - GROUP.between + EDGE + 36);
  // Lines pass below the last box too.
  layout.height += 14;
  layout.columns = walkOf(walked);
  return layout;
}

function innerOf(columns: readonly string[][], folded: boolean, aside: number): Inner {
  if (folded) {
    const size = { width: NODE.width, height: NODE.height + 14 };
    return { ...size, items: columns.flat().map((id) => Object.assign({ id, x: 0, y: 0 }, size)) };
  }
  const items: Box[] = [];
  let height = 0;
  columns.forEach((column, index) => {
    column.forEach((id, row) => {
      items.push({
        id,
        x: GROUP.pad + index * (NODE.width + GROUP.inner),
        y: GROUP.head + row * (NODE.height + NODE.gap),
        width: NODE.width,
        height: NODE.height,
      });
    });
    height = Math.max(height, column.length * (NODE.height + NODE.gap) - NODE.gap);
  });
  return {
    width: aside + GROUP.pad * 2 + columns.length * (NODE.width + GROUP.inner) - GROUP.inner,
    height: GROUP.head + height + GROUP.pad,
    items,
  };
}

/** At most `most` columns, about as many groups in each: long chains of folded groups would never end. */
function squeezed(columns: string[][], most: number): string[][] {
  if (columns.length <= most) return columns;
  const total = columns.flat().length;
  const found: string[][] = [];
  let before = 0;
  for (const column of columns) {
    const index = Math.floor(((before + column.length / 2) / total) * most);
    (found[index] ??= []).push(...column);
    before += column.length;
  }
  return found.filter((column) => column !== undefined);
}

function arrange(
  ids: readonly string[],
  arrows: readonly { from: string; to: string }[],
  memory: Memory,
  prefix: string,
): string[][] {
  const own = (map: ReadonlyMap<string, number>): Map<string, number> => {
    const found = new Map<string, number>();
    for (const id of ids) {
      const value = map.get(prefix + id);
      if (value !== undefined) found.set(id, value);
    }
    return found;
  };
  const ranks = ranksOf(ids, arrows, own(memory.ranks));
  const columns = columnsOf(ids, arrows, ranks, own(memory.order));
  for (const [id, rank] of ranks) memory.ranks.set(prefix + id, rank);
  for (const column of columns) {
    column.forEach((id, index) => memory.order.set(prefix + id, index));
  }
  return columns;
}

function cut(column: string[]): string[][] {
  const parts = Math.ceil(column.length / TALLEST);
  const each = Math.ceil(column.length / parts);
  return Array.from({ length: parts }, (_, part) => column.slice(part * each, (part + 1) * each));
}

function walkOf(items: { x: number; y: number; id: string }[]): string[][] {
  const columns = new Map<number, { y: number; id: string }[]>();
  for (const { x, y, id } of items) columns.set(x, [...(columns.get(x) ?? []), { y, id }]);
  return [...columns.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, column]) => column.sort((a, b) => a.y - b.y).map(({ id }) => id));
}
