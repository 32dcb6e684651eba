/** Ways around what stands between two ends: a line across a name would claim what is not so. Pure. */
import type { Box, Layout } from "./layout.js";

export interface Point {
  x: number;
  y: number;
}
export type Curve = readonly [Point, Point, Point, Point];

/** A stretch that a line must cross at a height where nothing stands. */
export interface Band {
  left: number;
  right: number;
  boxes: readonly Box[];
}

/** Lines in one gap stand beside each other, as far as there is room. */
export interface Lanes {
  used: Map<string, number>;
}

const CLEAR = 7;
const LANE = 4;
const LANES = 4;

export function createLanes(): Lanes {
  return { used: new Map() };
}

/** Bands between two ends, in the order of the way from left to right. */
export function bandsBetween(layout: Layout, from: Box, to: Box): Band[] {
  const [first, last] = from.x <= to.x ? [from, to] : [to, from];
  return layout.bands.filter(
    ({ left, right }) => left >= first.x + first.width - 1 && right <= last.x + 1,
  );
}

/** Heights at which the line crosses each band, near the straight way. */
function heights(bands: readonly Band[], start: Point, end: Point, lanes: Lanes): number[] {
  let before = start.y;
  return bands.map((band) => {
    const middle = (band.left + band.right) / 2;
    const share = (middle - start.x) / Math.max(1, end.x - start.x);
    // Half of the way it is at already: a line that swings at every column is hard to follow.
    const wanted = (before + (start.y + (end.y - start.y) * share)) / 2;
    before = freeHeight(band, wanted, lanes);
    return before;
  });
}

function freeHeight(band: Band, wanted: number, lanes: Lanes): number {
  const boxes = band.boxes.toSorted((a, b) => a.y - b.y);
  let best = Number.POSITIVE_INFINITY;
  let gap: [number, number] = [0, 0];
  let top = Number.NEGATIVE_INFINITY;
  for (const box of [...boxes, undefined]) {
    const bottom = box ? box.y - CLEAR : Number.POSITIVE_INFINITY;
    // Above the first box there is only the edge of the picture.
    if (bottom >= top && bottom > 4) {
      const nearest = Math.min(Math.max(wanted, top), bottom);
      if (Math.abs(nearest - wanted) < Math.abs(best - wanted)) {
        best = nearest;
        gap = [top, bottom];
      }
    }
    if (box) top = box.y + box.height + CLEAR;
  }
  if (!Number.isFinite(best)) return wanted;
  if (best === wanted) return wanted;
  const key = `${band.left}:${Math.round(gap[0])}`;
  const taken = lanes.used.get(key) ?? 0;
  lanes.used.set(key, taken + 1);
  const shift = (taken % LANES) * LANE;
  const lane = best === gap[0] ? best + shift : best - shift;
  return Math.min(Math.max(lane, gap[0]), gap[1]);
}

/** From a client's side to a server's side, in pieces. */
export function wayOf(
  start: Point,
  end: Point,
  bands: readonly Band[],
  lanes: Lanes,
): readonly Curve[] {
  const backward = end.x < start.x;
  const [left, right] = backward ? [end, start] : [start, end];
  const ys = heights(bands, left, right, lanes);
  const stops: Point[] = [left];
  bands.forEach((band, index) => {
    const y = ys[index] ?? left.y;
    stops.push({ x: band.left - 4, y }, { x: band.right + 4, y });
  });
  stops.push(right);
  const way = backward ? stops.toReversed() : stops;
  const curves: Curve[] = [];
  for (let index = 1; index < way.length; index++) {
    curves.push(smooth(way[index - 1] as Point, way[index] as Point));
  }
  return curves;
}

/** Leaves and arrives level. */
function smooth(a: Point, b: Point): Curve {
  const reach = (b.x - a.x) / 2;
  return [a, { x: a.x + reach, y: a.y }, { x: b.x - reach, y: b.y }, b];
}

const round = (value: number): number => Math.round(value * 10) / 10;
const at = (point: Point): string => `${round(point.x)} ${round(point.y)}`;

export function pathOf(curves: readonly Curve[]): string {
  return curves
    .map(([a, b, c, d], index) => `${index === 0 ? `M${at(a)}` : ""}C${at(b)} ${at(c)} ${at(d)}`)
    .join("");
}

/** The point at `t` of the way, 0 … 1, by the length of the pieces as the crow flies. */
export function pointOn(curves: readonly Curve[], t: number): Point {
  const lengths = curves.map(([a, , , d]) => Math.hypot(d.x - a.x, d.y - a.y));
  let left = lengths.reduce((sum, length) => sum + length, 0) * t;
  for (const [index, curve] of curves.entries()) {
    const length = lengths[index] ?? 0;
    if (left <= length || index === curves.length - 1) {
      return onCurve(curve, length === 0 ? 0.5 : Math.min(1, left / length));
    }
    left -= length;
  }
  return { x: 0, y: 0 };
}

function onCurve([a, b, c, d]: Curve, t: number): Point {
  const u = 1 - t;
  const mix = (p: number, q: number, r: number, s: number): number =>
    u ** 3 * p + 3 * u * u * t * q + 3 * u * t * t * r + t ** 3 * s;
  return { x: mix(a.x, b.x, c.x, d.x), y: mix(a.y, b.y, c.y, d.y) };
}
