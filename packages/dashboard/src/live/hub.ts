import type { ApiError, Clock, Coverage, FlowSelection, Viewer } from "@dropscope/model";
import type { FlowReader, TailCursor } from "@dropscope/store";
import type { Logger } from "pino";
import type { Limits } from "../config.js";
import { failureOf } from "../http/failures.js";
import type { Metrics } from "../metrics.js";
import { Problem } from "../problem.js";
import { selectionKey } from "../query/filter.js";
import { createAsk } from "./ask.js";
import { type Audience, type Broadcast, createAudience, type Member } from "./audience.js";
import { createRoom, type Room } from "./room.js";

export interface HubDeps {
  reader: FlowReader;
  clock: Clock;
  coverage: () => Coverage;
  limits: Limits;
  metrics: Metrics;
  logger: Logger;
  /** Sends to all sockets that joined `room`. */
  broadcastTo: (room: string) => Broadcast;
}

/** A seat in a room, not taken yet: what may fail has happened. */
export interface Seat {
  room: string;
  take(member: Member): void;
}

export interface Hub {
  /** @throws Problem 429 `TOO_MANY_VIEWS` */
  open(viewer: Viewer, selection: FlowSelection): Seat;
  leave(room: string, memberId: string): void;
  stop(): void;
}

const TICK_MS = 250;
/** After a while without news, and while the store is away. */
const QUIET = { afterMs: 30_000, tickMs: 500 };
const BACKOFF = { firstMs: 500, longestMs: 5_000 };
/** A room outlives its last browser for so long: a reload finds it warm. */
const GRACE_MS = 10_000;
const ASKS_AT_ONCE = 4;

interface Entry {
  room: Room;
  audience: Audience;
  trouble: ApiError | undefined;
  emptySince: number | undefined;
}

/**
 * One tail of the store for all rooms.
 *
 *     ledger ─tail(cursor)─▶ hub ─step─▶ room.queue ─landed(batches)─▶ frame ─▶ audience
 *
 * Invariant: each step reaches each room that existed when its tail began exactly once; a
 * room's picture is bounded by the cursor at which its queue begins. Nothing is asked while nobody looks.
 */
export function createHub(deps: HubDeps): Hub {
  const { reader, clock, limits, metrics, logger } = deps;
  const ask = createAsk(clock, ASKS_AT_ONCE);
  const rooms = new Map<string, Entry>();
  const life = new AbortController();
  let cursor: TailCursor | undefined;
  let cancelTick: (() => void) | undefined;
  let ticking = false;
  let failures = 0;
  let newsAt = 0;

  function entryOf(key: string, viewer: Viewer, selection: FlowSelection): Entry {
    const known = rooms.get(key);
    if (known !== undefined) return known;
    makePlace();
    const audience = createAudience(clock, limits.stalledMs, metrics, deps.broadcastTo(key));
    const room = createRoom(
      { viewer, selection },
      {
        reader,
        clock,
        ask,
        coverage: deps.coverage,
        metrics,
        cursor: () => cursor,
        onSnapshot(snapshot) {
          entry.trouble = undefined;
          audience.snapshot(snapshot);
        },
        onFrame: (frame, snapshot) => audience.frame(frame, snapshot),
        onTrouble: (error) => tell(entry, error),
      },
    );
    const entry: Entry = { room, audience, trouble: undefined, emptySince: clock.now() };
    rooms.set(key, entry);
    metrics.rooms.set(rooms.size);
    return entry;
  }

  function makePlace(): void {
    if (rooms.size < limits.rooms) return;
    const empty = [...rooms].find(([, entry]) => entry.audience.size === 0);
    if (empty !== undefined) return close(empty[0]);
    throw new Problem(
      429,
      "TOO_MANY_VIEWS",
      `${limits.rooms} different live views are open already.`,
      "Close a tab, or use a filter that another tab has.",
    );
  }

  function close(key: string): void {
    rooms.get(key)?.room.stop();
    rooms.delete(key);
    metrics.rooms.set(rooms.size);
  }

  function tell(entry: Entry, cause: unknown): void {
    const { error, unexpected } = failureOf(cause, deps.coverage);
    if (entry.trouble?.code === error.code && entry.trouble.message === error.message) return;
    if (entry.trouble?.code !== error.code) {
      metrics.troubles.inc();
      logger[unexpected ? "error" : "warn"]({ err: cause }, "live view lost the store");
    }
    entry.trouble = error;
    entry.audience.trouble(error);
  }

  function sweep(now: number): void {
    for (const [key, entry] of rooms) {
      if (entry.audience.size > 0) entry.emptySince = undefined;
      else if (now - (entry.emptySince ??= now) >= GRACE_MS) close(key);
    }
  }

  async function follow(): Promise<void> {
    if (cursor === undefined) {
      cursor = await ask(life.signal, (signal) => reader.end(signal));
      return;
    }
    const from = cursor;
    const step = await ask(life.signal, (signal) => reader.tail(from, signal));
    cursor = step.cursor;
    if (step.batches.length > 0) newsAt = clock.now();
    for (const { room } of rooms.values()) room.take(step);
  }

  async function tick(): Promise<void> {
    cancelTick = undefined;
    const begun = clock.now();
    sweep(begun);
    if (rooms.size === 0) {
      cursor = undefined;
      return;
    }
    ticking = true;
    try {
      await follow();
      failures = 0;
      metrics.tickSeconds.observe((clock.now() - begun) / 1_000);
    } catch (error) {
      if (life.signal.aborted) return;
      failures += 1;
      cursor = undefined;
      for (const { room } of rooms.values()) room.lose(error);
    } finally {
      ticking = false;
    }
    for (const { room } of rooms.values()) void room.pump();
    schedule(Math.max(0, pause() - (clock.now() - begun)));
  }

  function pause(): number {
    if (failures > 0) return Math.min(BACKOFF.firstMs * 2 ** (failures - 1), BACKOFF.longestMs);
    return clock.now() - newsAt > QUIET.afterMs ? QUIET.tickMs : TICK_MS;
  }

  function schedule(ms: number): void {
    if (life.signal.aborted || ticking || cancelTick !== undefined) return;
    cancelTick = clock.after(ms, () => void tick());
  }

  return {
    open(viewer, selection) {
      const key = roomKey(viewer, selection);
      const entry = entryOf(key, viewer, selection);
      return {
        room: key,
        take(member) {
          entry.emptySince = undefined;
          newsAt = clock.now();
          entry.audience.join(member, entry.room.snapshot(), entry.trouble);
          void entry.room.pump();
          schedule(0);
        },
      };
    },
    leave: (room, memberId) => rooms.get(room)?.audience.leave(memberId),
    stop() {
      life.abort();
      cancelTick?.();
      for (const key of rooms.keys()) close(key);
    },
  };
}

/** Equal rights and equal questions share a room; the viewer's name does not matter. */
function roomKey(viewer: Viewer, selection: FlowSelection): string {
  const scope = viewer.namespaces === "all" ? "*" : [...viewer.namespaces].sort();
  return JSON.stringify([scope, viewer.seesL7, selectionKey(selection)]);
}
