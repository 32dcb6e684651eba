import type { Clock, VerdictCount } from "@dropscope/model";
import type { FlowReader, TailCursor } from "@dropscope/store";
import type { Ask } from "./ask.js";
import { type Picture, readRefresh, type Refresh, verdictList, type View } from "./picture.js";

/** At most every two seconds, and never more than a twentieth of the time. */
const LEAST_MS = 2_000;
const SHARE = 20;
/** The window slides on even when nothing lands. */
const IDLE_MS = 15_000;

/** Keeps the parts of a picture true that adding alone cannot: what slides out must go. */
export interface Refresher {
  /** The picture was built now. */
  start(now: number): void;
  reset(): void;
  /** Adds verdict counts of batches that were applied to the picture. */
  add(picture: Picture, verdicts: readonly VerdictCount[]): void;
  /** Something landed that matters to the view. */
  mark(matched: boolean): void;
  /** Puts a finished refresh into the picture, and says what changed since the last call. */
  collect(picture: Picture): { verdicts: boolean; edges: boolean; gaps: boolean };
  /** Starts reading as of `applied` when it is time; the answer is for a later `collect`. */
  maybeStart(applied: TailCursor, signal: AbortSignal): void;
}

export function createRefresher(reader: FlowReader, view: View, ask: Ask, clock: Clock): Refresher {
  let finishedAt = 0;
  let tookMs = 0;
  let dirty = false;
  let running = false;
  let result: Refresh | undefined;
  /** Counts applied after the running refresh began: it does not know them. */
  let since = new Map<string, number>();
  let changed = { verdicts: false, edges: false, gaps: false };

  function isDue(now: number): boolean {
    const rest = now - finishedAt;
    return rest >= Math.max(LEAST_MS, SHARE * tookMs) && (dirty || rest >= IDLE_MS);
  }

  async function run(applied: TailCursor, begun: number, signal: AbortSignal): Promise<void> {
    let read: Refresh | undefined;
    try {
      read = await ask(signal, (inner) => readRefresh(reader, view, applied, begun, inner));
    } catch {
      // The tail meets the same trouble and tells it; here the old values stay.
    }
    if (signal.aborted) return;
    result = read;
    dirty ||= read === undefined;
    running = false;
    finishedAt = clock.now();
    tookMs = finishedAt - begun;
  }

  return {
    start(now) {
      finishedAt = now;
    },
    reset() {
      running = false;
      result = undefined;
      dirty = false;
      since = new Map();
    },
    add(picture, verdicts) {
      for (const { verdict, count } of verdicts) {
        if (count === 0) continue;
        addTo(picture.verdicts, verdict, count);
        addTo(since, verdict, count);
        changed.verdicts = true;
      }
    },
    mark(matched) {
      dirty ||= matched;
    },
    collect(picture) {
      if (result !== undefined) {
        const verdicts = new Map(result.verdicts.map(({ verdict, count }) => [verdict, count]));
        for (const [verdict, count] of since) addTo(verdicts, verdict, count);
        changed.verdicts ||= !same(verdictList(verdicts), verdictList(picture.verdicts));
        changed.edges ||= !same(result.edges, picture.edges);
        changed.gaps ||= !same(result.gaps, picture.gaps);
        Object.assign(picture, { verdicts, edges: result.edges, gaps: result.gaps });
        result = undefined;
      }
      const answer = changed;
      changed = { verdicts: false, edges: false, gaps: false };
      return answer;
    },
    maybeStart(applied, signal) {
      const begun = clock.now();
      if (running || result !== undefined || !isDue(begun)) return;
      running = true;
      dirty = false;
      since = new Map();
      void run(applied, begun, signal);
    },
  };
}

function addTo(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
