import { setImmediate } from "node:timers/promises";
import type { Clock } from "@dropscope/model";
import type { LandedBatch, TailStep } from "@dropscope/store";
import { explainBatch } from "./explain-batch.js";
import type { Explainers } from "./explainers.js";
import { feedByDay } from "./feed.js";
import { type CorrelatorOptions, judgeOf } from "./options.js";
import { byBatch, chunksOf } from "./read-batches.js";
import type { RunState } from "./run-state.js";
import { snapshot } from "./save.js";
import { RELEVANT } from "./selection.js";
import type { Counters } from "./stats.js";

/** Flows in memory at once. */
const MOST_FLOWS = 40_000;
/** A problem that goes on is written so often, ms. */
const QUIET_MS = 2_000;
/** Problems expire in the store. */
const INDEX_MS = 3_600_000;
/** After its acknowledgement a batch is left alone for so long. */
const SETTLE_MS = 400;

export interface StepTools {
  readonly options: CorrelatorOptions;
  readonly explainers: Explainers;
  readonly counters: Counters;
  readonly signal: AbortSignal;
}

/**
 * Explains what landed since the last step. What it comes to is written while the next step reads
 * and explains, for a write is mostly waiting; the writes themselves stay in order, which is what makes a
 * kill harmless: see `CorrelatorStore`. Gives false when there was nothing to do.
 * @throws also what the writes of the step before failed with
 */
export async function step(state: RunState, tools: StepTools): Promise<boolean> {
  const { options, counters, signal } = tools;
  const { store, clock } = options;
  const landed = await store.tail(state.cursor, signal);
  const isIdle = landed.batches.length === 0;
  counters.waiting = landed.batches.length;
  for (const batches of chunksOf(landed.batches, MOST_FLOWS)) {
    await correlate(batches, state, tools);
    counters.waiting -= batches.length;
    signal.throwIfAborted();
  }
  await state.saving;
  if (isIdle) {
    await snapshot(state, tools, 0)();
  } else {
    state.saving = save(landed, state, tools);
    // The next step hears of a failure; until then nobody does.
    state.saving.catch(() => undefined);
  }
  if (clock.now() - state.indexedAt > INDEX_MS) {
    state.book.index(await store.index(signal));
    // It expires too.
    await store.saveJudgedBy(judgeOf(options));
    state.indexedAt = clock.now();
  }
  return !isIdle;
}

/** Stores what follows from the batches once their explanations are. */
async function save(landed: TailStep, state: RunState, tools: StepTools): Promise<void> {
  const { counters, options } = tools;
  const stored = landed.batches.map(({ storedAt }) => storedAt);
  const landedAt = Math.max(...stored, counters.correlatedUntil);
  const newest = landed.batches.at(-1)?.sealedAt ?? 0;
  state.cursor = landed.cursor;
  const write = snapshot(state, tools, QUIET_MS, { tail: landed.cursor, landedAt });
  await state.writer.flush();
  await write();
  counters.correlatedUntil = landedAt;
  counters.lagMs = Math.max(0, options.clock.now() - newest);
}

async function correlate(
  batches: readonly LandedBatch[],
  state: RunState,
  { options, explainers, counters, signal }: StepTools,
): Promise<void> {
  const { store, clock } = options;
  const around = Promise.all([store.nodeTimes(batches, signal), store.gapsAround(batches, signal)]);
  around.catch(() => undefined);
  const stored = await store.explained(batches, signal);
  for await (const [batch, flows] of byBatch(store.flows(batches, RELEVANT, signal), batches)) {
    if (flows.length > 0) await settle(batch, clock);
    const known = stored.filter((row) => row.batch === batch.id);
    const done = await explainBatch(
      { batch, flows, stored: known },
      {
        ...state,
        explainerAt: explainers.at,
        load: async (ids) => state.book.load(await store.records(ids, signal)),
      },
    );
    await state.writer.add(done, known.length > 0);
    // Explaining never waits for anything: without this, writes and reads would stand still for as long.
    await setImmediate();
    await feedByDay(state, flows, done.explanations, options.knowledge);
    counters.batches += 1;
  }
  const [nodes, gaps] = await around;
  for (const flow of nodes) state.dns.see(flow);
  for (const gap of gaps) state.dns.gap(gap);
}

/**
 * A change of a policy takes a moment to be heard of, and so do the flows that it caused. Each
 * batch is waited for by itself: of a backlog only the newest are young.
 */
async function settle({ sealedAt }: LandedBatch, clock: Clock): Promise<void> {
  const young = SETTLE_MS - (clock.now() - sealedAt);
  if (young > 0)
    await new Promise<void>((resolve) => clock.after(Math.min(young, SETTLE_MS), resolve));
}

/** Everything once more when the correlator stops in good order. */
export async function lastSave(state: RunState, tools: StepTools): Promise<void> {
  await state.writer.flush();
  await state.saving;
  state.drainedAt = 0;
  state.dnsSavedAt = 0;
  await snapshot(state, tools, 0)();
}
