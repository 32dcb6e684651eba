/** The map's switches are in the URL; the picture is computed from them and the last answer. */
import type { Switches } from "./graph.js";
import { go, view } from "../state/nav.js";
import { computed } from "@preact/signals";

const FOLD = "fold:";
const OPEN = "open:";

export const switches = computed<Switches>(() => {
  const show = view.value.show;
  const named = (prefix: string): Set<string> =>
    new Set(
      show.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length)),
    );
  return {
    dns: !show.includes("no-dns"),
    host: !show.includes("no-host"),
    deniedOnly: show.includes("denied"),
    folded: named(FOLD),
    opened: named(OPEN),
  };
});

export function flip(name: "no-dns" | "no-host" | "denied"): void {
  const show = view.peek().show;
  const next = show.includes(name) ? show.filter((each) => each !== name) : [...show, name];
  go({ show: next }, "replace");
}

export function setFolded(keys: readonly string[], folded: boolean): void {
  const add = folded ? FOLD : OPEN;
  const left = view
    .peek()
    .show.filter((each) => !keys.some((key) => each === FOLD + key || each === OPEN + key));
  go({ show: [...left, ...keys.map((key) => add + key)] }, "replace");
}

export function choose(id: string): void {
  if (id !== view.peek().item) go({ item: id }, view.peek().item === "" ? "push" : "replace");
}
