import {
  type Clock,
  type Coverage,
  type LiveFrame,
  type LiveSnapshot,
  needsStory,
} from "@dropscope/model";
import type { FlowReader, TailCursor, TailStep } from "@dropscope/store";
import type { Metrics } from "../metrics.js";
import type { Ask } from "./ask.js";
import {
  buildPicture,
  insideWindow,
  newestRows,
  type Picture,
  readTotals,
  snapshotOf,
  TABLE_ROWS,
  verdictList,
  type View,
} from "./picture.js";
import { createRefresher } from "./refresh.js";
import { createRereader, type Rereader } from "./reread.js";

export interface RoomDeps {
  reader: FlowReader;
  clock: Clock;
  ask: Ask;
  coverage: () => Coverage;
  metrics: Metrics;
  /** Where the hub's tail stands; undefined while the store cannot be asked. */
  cursor: () => TailCursor | undefined;
  onSnapshot(snapshot: LiveSnapshot): void;
  /** @param snapshot makes the whole picture, the frame included */
  onFrame(frame: LiveFrame, snapshot: () => LiveSnapshot): void;
  onTrouble(error: unknown): void;
}

/** One live view: a picture, and the frames that move it on. */
export interface Room {
  /** What the hub's tail brought; each step exactly once and in order. */
  take(step: TailStep): void;
  /** Does what is due: builds the picture, or sends a frame. Never throws. */
  pump(): Promise<void>;
  /** The hub lost the store: keeps nothing, starts anew when there is a cursor again. */
  lose(error: unknown): void;
  snapshot(): LiveSnapshot | undefined;
  stop(): void;
}

const COVERAGE_MS = 1_000;
const RETRY_MS = { first: 500, longest: 10_000 };
/** A room this far behind its tail reads everything anew, which is cheaper. */
const QUEUE_STEPS = 400;

export function createRoom(view: View, deps: RoomDeps): Room {
  const { reader, clock, ask, coverage, metrics } = deps;
  const refresher = createRefresher(reader, view, ask, clock);
  const rereader = needsStory(view.selection)
    ? createRereader(reader, view, ask, clock)
    : undefined;
  let life = new AbortController();
  /** Everything up to here is in the picture; what came later is in the queue. */
  let applied: TailCursor | undefined;
  let picture: Picture | undefined;
  let queue: TailStep[] = [];
  let busy = false;
  let failures = 0;
  let retryAt = 0;
  let seq = 0;
  let coverageAt = 0;

  function forget(): void {
    life.abort();
    life = new AbortController();
    applied = undefined;
    picture = undefined;
    queue = [];
    busy = false;
    refresher.reset();
  }

  function fail(error: unknown): void {
    forget();
    failures += 1;
    retryAt = clock.now() + Math.min(RETRY_MS.first * 2 ** (failures - 1), RETRY_MS.longest);
    deps.onTrouble(error);
  }

  async function build(from: TailCursor, signal: AbortSignal): Promise<void> {
    const built = await ask(signal, (inner) =>
      buildPicture(reader, view, from, clock.now(), inner),
    );
    if (signal.aborted) return;
    picture = built;
    failures = 0;
    refresher.start(clock.now());
    deps.onSnapshot(snapshotOf(built, coverage(), clock.now()));
  }

  async function read(had: Picture, steps: readonly TailStep[], signal: AbortSignal) {
    const batches = steps.flatMap((step) => step.batches);
    const cursor = steps.at(-1)?.cursor as TailCursor;
    return ask(signal, async (inner) => {
      const landed = await reader.landed(batches, { ...view, rows: TABLE_ROWS }, inner);
      const seconds = had.drops.held(landed.drops, clock.now());
      const totals =
        seconds.length === 0 ? undefined : await readTotals(reader, view, cursor, seconds, inner);
      return { batches, cursor, landed, seconds, totals };
    });
  }

  async function advance(had: Picture, signal: AbortSignal): Promise<void> {
    const steps = queue;
    queue = [];
    const news = steps.length === 0 ? undefined : await read(had, steps, signal);
    if (signal.aborted) return;
    const now = clock.now();
    const frame: LiveFrame = { seq, at: now, drops: [], flows: [], more: 0, skipped: 0 };
    if (news !== undefined) {
      const { landed, batches } = news;
      applied = news.cursor;
      frame.drops = news.totals === undefined ? [] : had.drops.set(news.seconds, news.totals, now);
      frame.flows = landed.flows;
      frame.more = Math.max(0, landed.matched - landed.flows.length);
      had.flows = newestRows(landed.flows, had.flows);
      if (insideWindow(batches, now)) refresher.add(had, landed.verdicts);
      // A batch without flows brought losses.
      refresher.mark(landed.matched > 0 || batches.some(({ flows }) => flows === 0));
    }
    const changed = refresher.collect(had);
    if (changed.verdicts) frame.verdicts = verdictList(had.verdicts);
    if (changed.edges) frame.edges = had.edges;
    if (changed.gaps) frame.gaps = had.gaps;
    const batches = send(frame, had) ? (news?.batches ?? []) : [];
    for (const { sealedAt } of batches) metrics.seenSeconds.observe((now - sealedAt) / 1_000);
    if (applied !== undefined) refresher.maybeStart(applied, signal);
  }

  /** The same for a view that waits for explanations: see `createRereader`. */
  async function advanceAnew(had: Picture, again: Rereader, signal: AbortSignal): Promise<void> {
    const steps = queue;
    queue = [];
    if (steps.length > 0) again.mark();
    const cursor = steps.at(-1)?.cursor ?? applied;
    const news =
      cursor !== undefined && again.isDue() ? await again.read(had, cursor, signal) : undefined;
    if (signal.aborted) return;
    applied = cursor;
    const frame = { seq, at: clock.now(), drops: [], flows: [], more: 0, skipped: 0, ...news };
    send(frame, had);
  }

  /** Whether it said anything. */
  function send(frame: LiveFrame, had: Picture): boolean {
    const now = frame.at;
    if (now - coverageAt >= COVERAGE_MS) {
      coverageAt = now;
      frame.coverage = coverage();
    }
    if (!says(frame)) return false;
    seq += 1;
    metrics.frames.inc();
    deps.onFrame(frame, () => snapshotOf(had, coverage(), now));
    return true;
  }

  return {
    take(step) {
      if (applied === undefined || step.batches.length === 0) return;
      queue.push(step);
      // Pumped again at once from the cursor, which is that of this step.
      if (queue.length > QUEUE_STEPS) forget();
    },
    async pump() {
      if (busy || clock.now() < retryAt) return;
      applied ??= deps.cursor();
      if (applied === undefined) return;
      busy = true;
      const { signal } = life;
      try {
        if (picture === undefined) await build(applied, signal);
        else if (rereader === undefined) await advance(picture, signal);
        else await advanceAnew(picture, rereader, signal);
      } catch (error) {
        if (!signal.aborted) fail(error);
      } finally {
        if (!signal.aborted) busy = false;
      }
    },
    lose(error) {
      forget();
      deps.onTrouble(error);
    },
    snapshot: () => picture && snapshotOf(picture, coverage(), clock.now()),
    stop: forget,
  };
}

/** An empty frame is not sent. */
function says(frame: LiveFrame): boolean {
  return (
    frame.drops.length > 0 ||
    frame.flows.length > 0 ||
    frame.more > 0 ||
    frame.verdicts !== undefined ||
    frame.edges !== undefined ||
    frame.gaps !== undefined ||
    frame.coverage !== undefined
  );
}
