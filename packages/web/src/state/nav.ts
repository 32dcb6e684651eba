/** The current view, and moving from one to the next. The URL is the only place where it is kept. */
import { computed, signal } from "@preact/signals";
import { formatView, lasting, parseView, START } from "./view.js";
import type { Range, View } from "./view.js";

export const view = signal<View>(parseView(location.search));

/** The parts of the view, so that a reader of one does not run for the others. */
export const place = computed(() => view.value.place);
export const filter = computed(() => view.value.filter);
export const openFlow = computed(() => view.value.flow);
export const item = computed(() => view.value.item);
export const range = computed<Range>((): Range => {
  const next = view.value.range;
  const last = lastRange;
  lastRange = JSON.stringify(last) === JSON.stringify(next) ? last : next;
  return lastRange;
});
let lastRange: Range = START.range;

/** `replace` for steps that the back button should not stop at. */
export function go(change: Partial<View>, how: "push" | "replace" = "push"): void {
  const before = view.peek();
  // What is open in one place means nothing in the next.
  const left = change.place !== undefined && change.place !== before.place;
  const next = {
    ...before,
    ...(left && { item: "", show: [], code: "", against: START.against }),
    ...change,
  };
  const url = `${location.pathname}${formatView(next)}`;
  if (url !== `${location.pathname}${location.search}`) {
    if (how === "push") history.pushState(null, "", url);
    else history.replaceState(null, "", url);
  }
  view.value = next;
}

export function startNav(): void {
  addEventListener("popstate", () => {
    view.value = parseView(location.search);
  });
}

/** A link to what is on the screen; a relative range is fixed at `now` (server clock, ms). */
export function linkTo(shown: View, now: number): string {
  return `${location.origin}${location.pathname}${formatView(lasting(shown, now))}`;
}

/** Where this page lives: the server may sit below a path. */
export const basePath = new URL(".", location.href).pathname;
