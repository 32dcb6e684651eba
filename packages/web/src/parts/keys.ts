/** Every action has a key; this list is what the help shows and what the page does. */
import { serverNow } from "../state/clock.js";
import { escape } from "../state/escape.js";
import { refresh } from "../state/history.js";
import { hold, paused } from "../state/live.js";
import { go, linkTo, openFlow, place, range, view } from "../state/nav.js";
import { copy } from "../state/toast.js";
import { closeDrawer } from "./drawer.js";
import { focusFilter } from "./filter-box.js";
import { cursor, moveCursor, openCursor, toNewest } from "./flow-table.js";

export interface KeyHelp {
  keys: string[];
  what: string;
}

export const KEYS: KeyHelp[] = [
  { keys: ["/"], what: "Type a filter" },
  { keys: ["j", "k"], what: "Next and previous flow" },
  { keys: ["Enter"], what: "Open the flow" },
  { keys: ["Esc"], what: "Close what is open, then follow the newest again" },
  { keys: ["p"], what: "Pause the list and go on" },
  { keys: ["l"], what: "Live: what happens now, newest on top" },
  { keys: ["r"], what: "Ask again, in a past range" },
  { keys: ["c"], what: "Copy a link to this view" },
  { keys: ["←", "→"], what: "Read the chart, when it has the focus" },
  { keys: ["?"], what: "This help" },
];

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input, textarea, select, [contenteditable]") !== null
  );
}

/** Enter on a button or a link is theirs. */
function pressing(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button, a, summary, label") !== null;
}

function onEscapeKey(): void {
  if (escape()) return;
  if (openFlow.peek() !== "") closeDrawer();
  else if (cursor.peek() !== "") {
    cursor.value = "";
    hold("cursor", false);
  } else if (place.peek() === "help") go({ place: "overview", code: "" });
}

const ACTIONS: Record<string, (event: KeyboardEvent) => void> = {
  "?": () => go(place.peek() === "help" ? { place: "overview", code: "" } : { place: "help" }),
  "/": () => {
    if (place.peek() !== "overview") go({ place: "overview", code: "" });
    focusFilter();
  },
  j: () => moveCursor(1),
  k: () => moveCursor(-1),
  Enter: (event) => {
    if (!pressing(event.target)) openCursor();
  },
  Escape: onEscapeKey,
  p: () => {
    if (range.peek().kind === "live") hold("pause", !paused.peek());
  },
  l: () => {
    if (range.peek().kind !== "live") go({ range: { kind: "live" } });
    toNewest();
  },
  r: () => {
    if (range.peek().kind !== "live") refresh();
  },
  c: () => void copy(linkTo(view.peek(), serverNow()), "Link"),
};

export function startKeys(): void {
  addEventListener("keydown", (event) => {
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.defaultPrevented ||
      (event.key !== "Escape" && typing(event.target))
    )
      return;
    const action = ACTIONS[event.key];
    if (!action) return;
    if (event.key !== "Enter" && event.key !== "Escape") event.preventDefault();
    action(event);
  });
}
