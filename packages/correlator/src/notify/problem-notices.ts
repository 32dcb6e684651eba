import { type Clock, LOCAL_VIEWER, type Part, PROBLEM_STATES } from "@dropscope/model";
import type { ProblemReader, StoreLogger } from "@dropscope/store";
import type { Notifier } from "./notifier.js";

export interface ProblemNoticesOptions {
  readonly problems: Pick<ProblemReader, "problems">;
  readonly notifier: Notifier;
  readonly clock: Clock;
  /** Of several correlators on a store only the one that works tells of what it found. */
  isLeading(): boolean;
  readonly logger?: StoreLogger;
  readonly everyMs?: number;
}

/** How far back is looked, and drops are counted, ms. */
const DAY_MS = 86_400_000;
const MS_NS = 1_000_000n;
const MOST = 5_000;

/**
 * Tells the notifier of the stored problems, again and again: that a problem is over, time alone
 * says. What was there before the start, or while another correlator worked, is taken for known.
 */
export function createProblemNotices(options: ProblemNoticesOptions): Part {
  const { problems, notifier, clock, logger, everyMs = 3_000 } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let running: Promise<void> = Promise.resolve();
  let cancel = (): void => undefined;
  let isKnown = false;
  let wasAway = false;

  async function look(): Promise<void> {
    // Asked before reading: what is found while it begins to work is found by it.
    const tells = isKnown && options.isLeading();
    const range = { since: BigInt(clock.now() - DAY_MS) * MS_NS };
    const found = await problems.problems(
      { viewer: LOCAL_VIEWER, states: PROBLEM_STATES, range, limit: MOST },
      signal,
    );
    for (const problem of found)
      if (tells) notifier.problemChanged(problem);
      else notifier.assumeKnown(problem);
    isKnown = true;
  }

  async function turn(): Promise<void> {
    try {
      await look();
      wasAway = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!wasAway) logger?.warn("problems cannot be read for notifications", { err: error });
      wasAway = true;
    }
    if (!signal.aborted) cancel = clock.after(everyMs, loop);
  }

  function loop(): void {
    running = turn();
  }

  return {
    async start() {
      loop();
      await running;
    },
    async stop(deadlineMs) {
      stopping.abort();
      cancel();
      await running;
      await notifier.stop(deadlineMs);
    },
  };
}
