import type { ApiError, Clock, Coverage, Viewer } from "@dropscope/model";
import type { Logger } from "pino";
import type { Limits } from "../config.js";
import { failureOf } from "../http/failures.js";
import type { Knowledge } from "../knowledge.js";
import { Problem } from "../problem.js";
import { parseProblemFilter } from "../problems/filter.js";
import { createAsk } from "./ask.js";
import type { Broadcast, Member } from "./audience.js";
import { createProblemRoom, type ProblemRoom } from "./problem-room.js";

export interface ProblemHubDeps {
  knowledge: Knowledge;
  clock: Clock;
  coverage: () => Coverage;
  limits: Limits;
  logger: Logger;
  broadcastTo: (room: string) => Broadcast;
}

/** A place in a list, not taken yet: what may fail has happened. */
export interface ProblemSeat {
  room: string;
  take(member: Member): void;
}

/** Live lists of problems. Equal rights and equal filters share one; nothing is read while nobody looks. */
export interface ProblemHub {
  /** @throws Problem 400 for a filter that means nothing, 429 `TOO_MANY_VIEWS` */
  open(viewer: Viewer, filter: string): ProblemSeat;
  leave(room: string, memberId: string): void;
  stop(): void;
}

const TICK_MS = 1_000;
/** Reading takes at most this part of the time. */
const SHARE = 5;
const LONGEST_MS = 15_000;
const ASKS_AT_ONCE = 2;

interface Entry {
  room: ProblemRoom;
  trouble: ApiError | undefined;
  reading: boolean;
  failures: number;
  life: AbortController;
  cancel: (() => void) | undefined;
}

export function createProblemHub(deps: ProblemHubDeps): ProblemHub {
  const { clock, limits, logger } = deps;
  const ask = createAsk(clock, ASKS_AT_ONCE);
  const entries = new Map<string, Entry>();

  function entryOf(key: string, viewer: Viewer, filter: string): Entry {
    const known = entries.get(key);
    if (known !== undefined) return known;
    const matches = parseProblemFilter(filter);
    if (entries.size >= limits.rooms)
      throw new Problem(
        429,
        "TOO_MANY_VIEWS",
        `${limits.rooms} different live lists are open already.`,
        "Close a tab, or use a filter that another tab has.",
      );
    const broadcast = deps.broadcastTo(key);
    const room = createProblemRoom({ viewer, matches }, { ...deps, ask, broadcast });
    const entry: Entry = {
      room,
      trouble: undefined,
      reading: false,
      failures: 0,
      life: new AbortController(),
      cancel: undefined,
    };
    entries.set(key, entry);
    return entry;
  }

  async function read(entry: Entry): Promise<void> {
    entry.cancel?.();
    entry.cancel = undefined;
    if (entry.reading) return;
    entry.reading = true;
    const begun = clock.now();
    try {
      await entry.room.refresh(entry.life.signal);
      entry.trouble = undefined;
      entry.failures = 0;
    } catch (error) {
      if (!entry.life.signal.aborted) fail(entry, error);
    } finally {
      entry.reading = false;
    }
    if (entry.life.signal.aborted) return;
    const took = clock.now() - begun;
    const rest = entry.failures > 0 ? TICK_MS * 2 ** Math.min(4, entry.failures) : SHARE * took;
    const pause = Math.min(LONGEST_MS, Math.max(TICK_MS - took, rest));
    entry.cancel = clock.after(pause, () => void read(entry));
  }

  function fail(entry: Entry, cause: unknown): void {
    entry.failures += 1;
    const { error, unexpected } = failureOf(cause, deps.coverage);
    if (entry.trouble?.code !== error.code)
      logger[unexpected ? "error" : "warn"]({ err: cause }, "the list of problems cannot be read");
    entry.trouble = error;
    entry.room.tell("problemsTrouble", error);
  }

  function close(key: string, entry: Entry): void {
    entries.delete(key);
    entry.cancel?.();
    entry.life.abort();
  }

  return {
    open(viewer, filter) {
      const scope = viewer.namespaces === "all" ? "*" : [...viewer.namespaces].sort();
      const key = `problems ${JSON.stringify([scope, viewer.seesL7, filter.trim()])}`;
      const entry = entryOf(key, viewer, filter);
      return {
        room: key,
        take(member) {
          entry.room.join(member);
          if (entry.trouble !== undefined) member.send("problemsTrouble", entry.trouble);
          void read(entry);
        },
      };
    },
    leave(key, memberId) {
      const entry = entries.get(key);
      entry?.room.leave(memberId);
      if (entry?.room.size === 0) close(key, entry);
    },
    stop() {
      for (const [key, entry] of entries) close(key, entry);
    },
  };
}
