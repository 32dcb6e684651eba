/** How large the map is drawn: as wide as its place, until somebody chooses. */
import { computed, signal } from "@preact/signals";

export const SCALES = [0.25, 0.35, 0.5, 0.65, 0.8, 1, 1.25, 1.6, 2];

/** Smaller than this no name can be read: then the picture scrolls. */
const LEAST_FIT = 0.75;

const fitted = signal(1);
const chosen = signal(0);

export const scale = {
  /** 0 follows the width. */
  chosen,
  /** Width of the place, px; changes in steps, so that a scroll bar does not arrange all anew. */
  room: signal(1280),
  current: computed(() => (chosen.value > 0 ? chosen.value : fitted.value)),
  fit(place: number, picture: number): void {
    const steps = Math.round(place / 40) * 40;
    if (place > 0) scale.room.value = steps;
    if (place > 0 && picture > 0) fitted.value = Math.min(1, Math.max(LEAST_FIT, place / picture));
  },
};

export function zoom(by: 1 | -1): void {
  const now = scale.current.peek();
  const next =
    by > 0
      ? SCALES.find((each) => each > now + 0.01)
      : SCALES.findLast((each) => each < now - 0.01);
  if (next !== undefined) chosen.value = next;
}
