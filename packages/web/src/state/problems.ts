/** The list of problems: live over the socket, or of a past range over REST; one shape for both. */
import type {
  ApiError,
  ClientEvents,
  ProblemRow,
  ProblemsAnswer,
  ProblemsFrame,
  ServerEvents,
} from "@dropscope/model";
import { computed, effect, signal } from "@preact/signals";
import type { Socket } from "socket.io-client";
import { get, toApiError } from "./api.js";
import { serverNow } from "./clock.js";
import { applied, filterError, heard, withSocket } from "./live.js";
import { filter, place, range } from "./nav.js";
import { boundsOf } from "./view.js";

/** The live list; undefined until it came. */
export const liveList = signal<ProblemsAnswer | undefined>(undefined);
export const listTrouble = signal<ApiError | undefined>(undefined);
const pastList = signal<ProblemsAnswer | undefined>(undefined);
export const pastFailure = signal<ApiError | undefined>(undefined);
export const pastLoading = signal(false);
const refreshes = signal(0);

/** The filter line counts where the list is on the page; everywhere else the count is of all problems. */
const wanted = computed(() => (place.value === "problems" ? filter.value : ""));
const showsPast = computed(() => place.value === "problems" && range.value.kind !== "live");

export const problemList = computed(() => (showsPast.value ? pastList.value : liveList.value));

/** What the tab and the rail say. */
export const newCount = computed(() => liveList.value?.counts.new ?? 0);
export const activeCount = computed(() => {
  const counts = liveList.value?.counts;
  return counts ? counts.new + counts.back + counts.ongoing : 0;
});

/** Held: the list stands still, and what comes meanwhile waits. */
export const held = signal<ProblemsAnswer | undefined>(undefined);
export const waiting = computed(() => {
  const before = held.value;
  const now = liveList.value;
  if (!before || !now) return 0;
  const known = new Map(before.problems.map((row) => [row.id, row.lastSeen]));
  return now.problems.filter(({ id, lastSeen }) => known.get(id) !== lastSeen).length;
});

export function holdProblems(on: boolean): void {
  held.value = on ? liveList.peek() : undefined;
}

export function refreshProblems(): void {
  refreshes.value++;
}

/** To be called before the socket starts. */
export function startProblems(): void {
  withSocket((socket) => {
    socket.on("connect", () => watch(socket, wanted.peek()));
    socket.on("problems", (list) => {
      liveList.value = list;
      listTrouble.value = undefined;
      heard(list.at, list.coverage);
    });
    socket.on("problemsFrame", onFrame);
    socket.on("problemsTrouble", (error) => {
      listTrouble.value = error;
      heard(serverNow(), undefined);
    });
    effect(() => {
      const line = wanted.value;
      if (socket.connected) watch(socket, line);
    });
  });
  effect(() => {
    void refreshes.value;
    const line = filter.value;
    const span = range.value;
    if (!showsPast.value) return;
    return load(span.kind === "at" ? span : boundsOf(span, serverNow()), line);
  });
  effect(() => {
    if (place.value !== "problems" || range.value.kind !== "live") held.value = undefined;
  });
}

/** A line that means nothing leaves the list that was, or shows everything: never nothing. */
function watch(socket: Socket<ServerEvents, ClientEvents>, line: string, fallback = false): void {
  socket.timeout(10_000).emit("watchProblems", { filter: line }, (late, result) => {
    if (late || (!fallback && line !== wanted.peek())) return;
    const here = place.peek() === "problems";
    if (result.ok) {
      if (here) applied.value = line;
      if (here && !fallback) filterError.value = undefined;
      return;
    }
    if (here) filterError.value = result.error;
    if (!liveList.peek() && !fallback) watch(socket, "", true);
  });
}

function onFrame(frame: ProblemsFrame): void {
  const before = liveList.peek();
  heard(frame.at, frame.coverage);
  // Frames add to a list; without one they would add to nothing.
  if (!before) return;
  listTrouble.value = undefined;
  const rows = new Map(before.problems.map((row) => [row.id, row]));
  for (const row of frame.changed) rows.set(row.id, row);
  const order = frame.order ?? before.problems.map(({ id }) => id);
  liveList.value = {
    at: frame.at,
    trend: frame.trend ?? before.trend,
    problems: order.map((id) => rows.get(id)).filter((row): row is ProblemRow => row !== undefined),
    counts: frame.counts ?? before.counts,
    more: frame.more ?? before.more,
    coverage: frame.coverage ?? before.coverage,
  };
}

/** As of a moment it is the list that was live then, which reaches further back than a quarter of an hour. */
function load(bounds: { from: number; to: number } | { at: number }, line: string): () => void {
  const stop = new AbortController();
  const query = {
    ...("at" in bounds
      ? { at: bounds.at }
      : { from: Math.floor(bounds.from), to: Math.ceil(bounds.to) }),
    filter: line,
    limit: 200,
  };
  const ask = async (): Promise<void> => {
    pastLoading.value = true;
    pastFailure.value = undefined;
    try {
      pastList.value = await get<ProblemsAnswer>("problems", query, stop.signal);
      if (stop.signal.aborted) return;
      filterError.value = undefined;
    } catch (thrown) {
      if (stop.signal.aborted) return;
      pastFailure.value = toApiError(thrown);
      if (pastFailure.value.at) filterError.value = pastFailure.value;
    }
    pastLoading.value = false;
  };
  void ask();
  return () => stop.abort();
}
