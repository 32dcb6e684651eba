/** Curves between boxes, and where their numbers stand. Pure. */
import type { Link } from "./graph.js";
import type { Box, Layout } from "./layout.js";

export interface Route {
  link: Link;
  /** Path of what was forwarded; empty when nothing was. */
  forwarded: string;
  /** Path of what was denied; beside the other one where there are both. */
  denied: string;
  /** px. */
  width: number;
  deniedWidth: number;
  /** Middle of the number of denied flows. */
  label: { x: number; y: number; width: number; text: string } | undefined;
}

interface Point {
  x: number;
  y: number;
}
type Curve = readonly [Point, Point, Point, Point];

/** Rates differ by a million: the width grows with the number of digits. */
export function widthOf(perSecond: number): number {
  if (perSecond <= 0) return 0;
  return Math.min(7, Math.max(1.2, 1.6 + Math.log10(perSecond * 10) * 0.9));
}

/** The client's side to the server's side; back to the left where the server stands left. */
export function curveOf(from: Box, to: Box, shift = 0): Curve {
  const y1 = from.y + from.height / 2 + shift;
  const y2 = to.y + to.height / 2 + shift;
  const right = from.x + from.width;
  if (from.id === to.id) {
    return [
      { x: right, y: y1 - 5 },
      { x: right + 40, y: y1 - 22 },
      { x: right + 40, y: y2 + 22 },
      { x: right, y: y2 + 5 },
    ];
  }
  if (to.x >= right) {
    const reach = Math.max(36, (to.x - right) / 2);
    return [
      { x: right, y: y1 },
      { x: right + reach, y: y1 },
      { x: to.x - reach, y: y2 },
      { x: to.x, y: y2 },
    ];
  }
  if (to.x + to.width <= from.x) {
    const reach = Math.max(36, (from.x - to.x - to.width) / 2);
    return [
      { x: from.x, y: y1 },
      { x: from.x - reach, y: y1 },
      { x: to.x + to.width + reach, y: y2 },
      { x: to.x + to.width, y: y2 },
    ];
  }
  // One column: an arc on the right, wider the further apart.
  const far = Math.max(right, to.x + to.width);
  const reach = 26 + Math.min(60, Math.abs(y2 - y1) / 5);
  return [
    { x: right, y: y1 },
    { x: far + reach, y: y1 },
    { x: far + reach, y: y2 },
    { x: to.x + to.width, y: y2 },
  ];
}

function pathOf([a, b, c, d]: Curve): string {
  const at = (point: Point): string => `${round(point.x)} ${round(point.y)}`;
  return `M${at(a)}C${at(b)} ${at(c)} ${at(d)}`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

function pointOn([a, b, c, d]: Curve, t: number): Point {
  const u = 1 - t;
  const mix = (p: number, q: number, r: number, s: number): number =>
    u ** 3 * p + 3 * u * u * t * q + 3 * u * t * t * r + t ** 3 * s;
  return { x: mix(a.x, b.x, c.x, d.x), y: mix(a.y, b.y, c.y, d.y) };
}

const LABEL_HEIGHT = 18;
const TRIES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82];

/** Denied links last, so that they lie on top; numbers give way to each other and to the nodes. */
export function routesOf(
  links: readonly Link[],
  layout: Layout,
  text: (link: Link) => string,
): Route[] {
  const taken: Box[] = [...layout.items.values()];
  const routes: Route[] = [];
  for (const link of [...links].sort((a, b) => a.drops - b.drops)) {
    const from = layout.items.get(link.from);
    const to = layout.items.get(link.to);
    if (!from || !to) continue;
    const both = link.forwarded > 0 && link.drops > 0;
    const denied = curveOf(from, to, both ? 5 : 0);
    routes.push({
      link,
      forwarded: link.forwarded > 0 ? pathOf(curveOf(from, to, both ? -3 : 0)) : "",
      denied: link.drops > 0 ? pathOf(denied) : "",
      width: widthOf(link.forwarded),
      deniedWidth: Math.max(1.8, Math.min(4, widthOf(link.dropped))),
      label: link.drops > 0 ? labelOn(denied, text(link), taken) : undefined,
    });
  }
  return routes;
}

function labelOn(curve: Curve, text: string, taken: Box[]): Route["label"] {
  const width = text.length * 6.6 + 12;
  let best: Box | undefined;
  for (const t of TRIES) {
    const { x, y } = pointOn(curve, t);
    const box = {
      id: "",
      x: x - width / 2,
      y: y - LABEL_HEIGHT / 2,
      width,
      height: LABEL_HEIGHT,
    };
    best ??= box;
    if (taken.some((other) => overlap(other, box))) continue;
    best = box;
    break;
  }
  if (!best) return undefined;
  taken.push(best);
  return { x: best.x + width / 2, y: best.y + LABEL_HEIGHT / 2, width, text };
}

function overlap(a: Box, b: Box): boolean {
  return (
    a.x < b.x + b.width + 2 &&
    b.x < a.x + a.width + 2 &&
    a.y < b.y + b.height + 2 &&
    b.y < a.y + a.height + 2
  );
}
