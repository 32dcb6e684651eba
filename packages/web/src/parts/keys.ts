/** Every action has a key; this list is what the help shows and what the page does. */
import { stepRow } from "../lib/rows.js";
import { askAgain } from "../state/asked.js";
import { serverNow } from "../state/clock.js";
import { escape } from "../state/escape.js";
import { refresh } from "../state/history.js";
import { hold, paused } from "../state/live.js";
import { go, item, linkTo, openFlow, place, range, view } from "../state/nav.js";
import { pageKey } from "../state/page-keys.js";
import { refreshProblems } from "../state/problems.js";
import { copy } from "../state/toast.js";
import type { Place } from "../state/view.js";
import { openCompare } from "../compare/open.js";
import { closeDrawer } from "./drawer.js";
import { focusFilter } from "./filter-box.js";
import { cursor, moveCursor, openCursor, toNewest } from "./flow-table.js";

export interface KeyHelp {
  keys: string[];
  what: string;
}

export const KEYS: KeyHelp[] = [
  { keys: ["/"], what: "Type a filter" },
  { keys: ["1", "…", "6"], what: "Problems, Live, Map, DNS, Policies, Tuning" },
  { keys: ["j", "k"], what: "Next and previous row" },
  { keys: ["Enter"], what: "Open the row" },
  { keys: ["Esc"], what: "Close what is open, then back to the list" },
  { keys: ["p"], what: "Pause the list and go on" },
  { keys: ["l"], what: "Live: what happens now, newest on top" },
  { keys: ["d"], what: "What is different: compare with the time before" },
  { keys: ["r"], what: "Ask again" },
  { keys: ["c"], what: "Copy a link to this view" },
  { keys: ["←", "→"], what: "Read the chart, when it has the focus" },
  { keys: ["←", "→", "↑", "↓"], what: "Walk the map, when it has the focus" },
  { keys: ["f"], what: "Fold or unfold the namespace, on the map" },
  { keys: ["F8"], what: "Next problem of the text, in the editor; Esc leaves it" },
  { keys: ["?"], what: "This help" },
];

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input, textarea, select, [contenteditable], [data-typing]") !== null
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
  } else if (place.peek() === "help") leaveHelp();
  else if (item.peek() !== "") go({ item: "" });
}

/** Help is looked up from somewhere, and one goes back there. */
let cameFrom: Place = "problems";

function openHelp(): void {
  cameFrom = place.peek();
  go({ place: "help" });
}

function leaveHelp(): void {
  go({ place: cameFrom });
}

const toPlace =
  (target: Place): (() => void) =>
  () =>
    go({ place: target, item: "", flow: "" });

const ACTIONS: Record<string, (event: KeyboardEvent) => void> = {
  "?": () => (place.peek() === "help" ? leaveHelp() : openHelp()),
  "1": toPlace("problems"),
  "2": toPlace("live"),
  "3": toPlace("map"),
  "4": toPlace("dns"),
  "5": toPlace("policies"),
  "6": toPlace("tuning"),
  d: () => openCompare(),
  "/": () => {
    const find = document.querySelector<HTMLInputElement>("#main [data-find]");
    if (find) return find.focus();
    if (!document.getElementById("filter")) go({ place: "problems" });
    focusFilter();
    // The field may be drawn only now.
    requestAnimationFrame(focusFilter);
  },
  j: () => (place.peek() === "live" ? moveCursor(1) : stepRow(1)),
  k: () => (place.peek() === "live" ? moveCursor(-1) : stepRow(-1)),
  Enter: (event) => {
    if (!pressing(event.target) && place.peek() === "live") openCursor();
  },
  Escape: onEscapeKey,
  p: () => {
    if (place.peek() === "live" && range.peek().kind === "live") hold("pause", !paused.peek());
  },
  l: () => {
    if (range.peek().kind !== "live") go({ range: { kind: "live" } });
    if (place.peek() === "live") toNewest();
  },
  r: () => {
    refreshProblems();
    if (place.peek() !== "live") askAgain();
    else if (range.peek().kind !== "live") refresh();
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
    const own = pageKey(event.key);
    const action = own ?? ACTIONS[event.key];
    if (!action || (own && event.key === "Enter" && pressing(event.target))) return;
    if (event.key !== "Enter" && event.key !== "Escape") event.preventDefault();
    action(event);
  });
}
