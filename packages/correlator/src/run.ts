import { type Part, systemClock } from "@dropscope/model";
import { createExplainers } from "./run/explainers.js";
import { createFollower } from "./run/follow.js";
import type { CorrelatorOptions } from "./run/options.js";
import { recover } from "./run/recover.js";
import type { RunState } from "./run/run-state.js";
import { createCounters, type CorrelatorStats } from "./run/stats.js";
import { lastSave, step, type StepTools } from "./run/step.js";
import { createTrouble } from "./run/trouble.js";

/** Follows the store, explains every drop that lands and folds drops into problems. */
export interface Correlator extends Part {
  stats(): CorrelatorStats;
}

const POLL_MS = 300;
const STANDBY_MS = 1_000;
/** Policies that cannot be read must not keep drops unexplained for ever: they are judged by what is known. */
const KNOWLEDGE_MS = 10_000;

export function createCorrelator(options: CorrelatorOptions): Correlator {
  const { leader, knowledge, profile, pollMs = POLL_MS } = options;
  const clock = options.clock ?? systemClock;
  const stopping = new AbortController();
  const { signal } = stopping;
  const counters = createCounters();
  const explainers = createExplainers(knowledge, profile);
  const tools: StepTools = { options, explainers, counters, signal };
  const follower = createFollower(options);
  const trouble = createTrouble(options.logger, counters);
  let state: RunState | undefined;
  let running: Promise<void> = Promise.resolve();
  let wake = (): void => undefined;

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });

  /** Gives how long to wait for the next turn, ms. */
  async function turn(): Promise<number> {
    if (!(await leader.tryLead())) {
      await state?.saving.catch(() => undefined);
      state = undefined;
      counters.state = "standby";
      await follower.step(signal);
      return STANDBY_MS;
    }
    state ??= await recover(options, explainers, counters, signal);
    counters.state = "leading";
    return (await step(state, tools)) ? pollMs / 3 : pollMs;
  }

  async function loop(): Promise<void> {
    await Promise.race([knowledge.ready(), pause(KNOWLEDGE_MS)]);
    wake();
    while (!signal.aborted) {
      let waitMs: number;
      try {
        waitMs = await turn();
        trouble.over();
      } catch (error) {
        if (signal.aborted) return;
        // Nothing of before may be written beside what is made anew.
        await state?.saving.catch(() => undefined);
        // What was written stays; the rest is made anew from where the cursor stands.
        state = undefined;
        waitMs = trouble.happened(error);
      }
      if (!signal.aborted) await pause(waitMs);
    }
  }

  return {
    start() {
      running = loop();
      return Promise.resolve();
    },
    async stop() {
      if (signal.aborted) return;
      stopping.abort();
      wake();
      await running;
      if (state !== undefined) await lastSave(state, tools).catch(() => undefined);
      await leader.release().catch(() => undefined);
    },
    stats: () => {
      const { dns, book } = state ?? {};
      const size = book?.size();
      const watched = dns?.stats();
      return {
        ...counters,
        problems: size?.problems ?? 0,
        memory: {
          records: size?.records ?? 0,
          flows: size?.flows ?? 0,
          dnsClients: watched?.clients ?? 0,
          names: watched?.names.sightings ?? 0,
        },
      };
    },
  };
}
