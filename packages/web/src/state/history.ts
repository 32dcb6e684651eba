/** A past range: one answer for the pictures, pages for the table. */
import type { ApiError, FlowRow, FlowsAnswer, OverviewAnswer } from "@dropscope/model";
import { batch, effect, signal } from "@preact/signals";
import { get, toApiError } from "./api.js";
import { serverNow } from "./clock.js";
import { filterError } from "./live.js";
import { filter, range } from "./nav.js";
import { boundsOf } from "./view.js";

export interface Past {
  from: number;
  to: number;
  /** Server clock when it was asked, ms. */
  asOf: number;
  overview: OverviewAnswer;
}

/** The last good answer; stays while the next one loads. */
export const past = signal<Past | undefined>(undefined);
export const loading = signal(false);
export const failure = signal<ApiError | undefined>(undefined);
/** A range may be too wide for single flows and still have a picture. */
export const rowsFailure = signal<ApiError | undefined>(undefined);
export const pastRows = signal<readonly FlowRow[]>([]);
export const rowsEnd = signal(false);
const refreshes = signal(0);

const PAGE = 200;
/** Beyond this a table is not the tool: the filter is. */
export const MOST_ROWS = 5000;

let current:
  | { from: number; to: number; filter: string; next?: string; stop: AbortController }
  | undefined;
let loadingMore = false;

export function startHistory(): void {
  effect(() => {
    const wanted = range.value;
    const line = filter.value;
    void refreshes.value;
    current?.stop.abort();
    current = undefined;
    if (wanted.kind === "live") {
      past.value = undefined;
      pastRows.value = [];
      failure.value = undefined;
      rowsFailure.value = undefined;
      loading.value = false;
      return;
    }
    void load(boundsOf(wanted, serverNow()), line);
  });
}

export function refresh(): void {
  refreshes.value++;
}

async function load(bounds: { from: number; to: number }, line: string): Promise<void> {
  const stop = new AbortController();
  const mine = { from: Math.floor(bounds.from), to: Math.ceil(bounds.to), filter: line, stop };
  current = mine;
  loading.value = true;
  failure.value = undefined;
  const query = { from: mine.from, to: mine.to, filter: line };
  rowsFailure.value = undefined;
  const [picture, page] = await Promise.allSettled([
    get<OverviewAnswer>("overview", query, stop.signal),
    get<FlowsAnswer>("flows", { ...query, limit: PAGE }, stop.signal),
  ]);
  if (current !== mine || stop.signal.aborted) return;
  batch(() => {
    loading.value = false;
    if (picture.status === "fulfilled") {
      past.value = { from: mine.from, to: mine.to, asOf: serverNow(), overview: picture.value };
      filterError.value = undefined;
    } else {
      failure.value = toApiError(picture.reason);
      if (failure.value.at) filterError.value = failure.value;
    }
    if (page.status === "fulfilled") take(page.value, []);
    else {
      rowsFailure.value = toApiError(page.reason);
      // Rows of another range beside the picture of this one would lie.
      if (picture.status === "fulfilled") pastRows.value = [];
    }
  });
}

function take(page: FlowsAnswer, before: readonly FlowRow[]): void {
  pastRows.value = [...before, ...page.flows].slice(0, MOST_ROWS);
  rowsEnd.value = page.next === undefined || pastRows.value.length >= MOST_ROWS;
  if (current) {
    if (page.next === undefined) delete current.next;
    else current.next = page.next;
  }
}

/** The next page, when the reader comes near the end. */
export async function loadMore(): Promise<void> {
  const mine = current;
  if (!mine?.next || loadingMore || rowsEnd.peek()) return;
  loadingMore = true;
  try {
    const page = await get<FlowsAnswer>(
      "flows",
      { from: mine.from, to: mine.to, filter: mine.filter, limit: PAGE, cursor: mine.next },
      mine.stop.signal,
    );
    if (current === mine) take(page, pastRows.peek());
  } catch (thrown) {
    if (!mine.stop.signal.aborted) rowsFailure.value = toApiError(thrown);
  } finally {
    loadingMore = false;
  }
}
