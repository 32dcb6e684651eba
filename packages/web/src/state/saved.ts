/** Views with a name: a filter, its place and its range, kept by the server for the viewer. */
import type { ApiError, SavedView, SavedViewsAnswer } from "@dropscope/model";
import { signal } from "@preact/signals";
import { change, get, toApiError } from "./api.js";
import { serverNow } from "./clock.js";
import { go, view } from "./nav.js";
import { boundsOf, parseView, PLACE_NAMES, NAMED_SPANS, START, type Range } from "./view.js";

export const saved = signal<readonly SavedView[] | undefined>(undefined);
export const savedTrouble = signal<ApiError | undefined>(undefined);

export async function loadSaved(): Promise<void> {
  await take(get<SavedViewsAnswer>("views", {}));
}

/** True when it is saved. */
export async function saveView(name: string): Promise<boolean> {
  const { place, filter, range } = view.peek();
  return take(
    change<SavedViewsAnswer>("PUT", `views/${encodeURIComponent(name)}`, {
      place,
      filter,
      ...timesOf(range),
    }),
  );
}

export async function deleteView(name: string): Promise<boolean> {
  return take(change<SavedViewsAnswer>("DELETE", `views/${encodeURIComponent(name)}`));
}

async function take(answer: Promise<SavedViewsAnswer>): Promise<boolean> {
  try {
    saved.value = (await answer).views;
    savedTrouble.value = undefined;
    return true;
  } catch (thrown) {
    savedTrouble.value = toApiError(thrown);
    return false;
  }
}

export function openView(one: SavedView): void {
  const place = PLACE_NAMES.find((name) => name === one.place) ?? START.place;
  go({ place, filter: one.filter, range: rangeOf(one), item: "", flow: "" });
}

/** Both empty: live. Only an end: as of then. */
function timesOf(range: Range): { since: string; until: string } {
  const iso = (ms: number): string => new Date(ms).toISOString();
  switch (range.kind) {
    case "live":
      return { since: "", until: "" };
    case "last":
      return { since: NAMED_SPANS.find(({ ms }) => ms === range.ms)?.key ?? "1h", until: "" };
    case "between":
      return { since: iso(range.from), until: iso(range.to) };
    default:
      return { since: "", until: iso(boundsOf(range, serverNow()).to) };
  }
}

/** As a link would say it: what the page does not understand is live. */
export function rangeOf({ since, until }: Pick<SavedView, "since" | "until">): Range {
  const isSpan = NAMED_SPANS.some(({ key }) => key === since);
  const end = until === "" && !isSpan ? new Date(serverNow()).toISOString() : until;
  const query = new URLSearchParams(
    isSpan ? { range: since } : since === "" ? { at: until } : { from: since, to: end },
  );
  return parseView(`?${query.toString()}`).range;
}
