/** Curves between boxes, and where their numbers stand. Pure. */
import type { Link } from "./graph.js";
import { bandsBetween, createLanes, pathOf, pointOn, wayOf } from "./lanes.js";
import type { Curve, Lanes } from "./lanes.js";
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
  /** Middle of what stands on it; on a denied one how many flows were. */
  label: { x: number; y: number; width: number; text: string } | undefined;
}

/** Rates differ by a million: the width grows with the number of digits. */
export function widthOf(perSecond: number): number {
  if (perSecond <= 0) return 0;
  return Math.min(7, Math.max(1.2, 1.6 + Math.log10(perSecond * 10) * 0.9));
}

/** The client's side to the server's side; back to the left where the server stands left. */
function curvesOf(from: Box, to: Box, layout: Layout, lanes: Lanes, shift: number): Curve[] {
  const y1 = from.y + from.height / 2 + shift;
  const y2 = to.y + to.height / 2 + shift;
  const right = from.x + from.width;
  if (from.id === to.id) {
    const far = right + 30;
    return [
      [
        { x: right, y: y1 - 5 },
        { x: far, y: y1 - 20 },
        { x: far, y: y2 + 20 },
        { x: right, y: y2 + 5 },
      ],
    ];
  }
  if (to.x >= right) {
    const bands = bandsBetween(layout, from, to);
    return [...wayOf({ x: right, y: y1 }, { x: to.x, y: y2 }, bands, lanes)];
  }
  if (to.x + to.width <= from.x) {
    const bands = bandsBetween(layout, from, to);
    return [...wayOf({ x: from.x, y: y1 }, { x: to.x + to.width, y: y2 }, bands, lanes)];
  }
  // One column: an arc on the right, wider the further apart.
  const end = to.x + to.width;
  const far = Math.max(right, end) + 14 + Math.min(40, Math.abs(y2 - y1) / 5);
  return [
    [
      { x: right, y: y1 },
      { x: far, y: y1 },
      { x: far, y: y2 },
      { x: end, y: y2 },
    ],
  ];
}

const LABEL_HEIGHT = 18;
const TRIES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82];

/** `text` says what stands on a link, "" for nothing. Denied links last, so that they lie on top; numbers give way to each other and to the nodes. */
export function routesOf(
  links: readonly Link[],
  layout: Layout,
  text: (link: Link) => string,
): Route[] {
  const taken: Box[] = [...layout.items.values()];
  const routes: Route[] = [];
  const lanes = createLanes();
  for (const link of [...links].sort((a, b) => a.drops - b.drops)) {
    const from = layout.items.get(link.from);
    const to = layout.items.get(link.to);
    if (!from || !to) continue;
    const both = link.forwarded > 0 && link.drops > 0;
    const curves = curvesOf(from, to, layout, lanes, both ? -3 : 0);
    // Beside the forwarded line all the way, not on a way of its own.
    const denied = both ? curves.map((curve) => lower(curve, 7)) : curves;
    const words = text(link);
    routes.push({
      link,
      forwarded: link.forwarded > 0 ? pathOf(curves) : "",
      denied: link.drops > 0 ? pathOf(denied) : "",
      width: widthOf(link.forwarded),
      deniedWidth: Math.max(1.8, Math.min(4, widthOf(link.dropped))),
      label: words === "" ? undefined : labelOn(link.drops > 0 ? denied : curves, words, taken),
    });
  }
  return routes;
}

function lower([a, b, c, d]: Curve, by: number): Curve {
  const moved = ({ x, y }: Curve[0]): Curve[0] => ({ x, y: y + by });
  return [moved(a), moved(b), moved(c), moved(d)];
}

function labelOn(curves: readonly Curve[], text: string, taken: Box[]): Route["label"] {
  const width = text.length * 6.6 + 12;
  let best: Box | undefined;
  for (const t of TRIES) {
    const { x, y } = pointOn(curves, t);
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
