import type { Clock, DropExplanation } from "@dropscope/model";
import type { CorrelatorStore, LandedBatch } from "@dropscope/store";
import { explainBatch, type ExplainedBatch } from "./explain-batch.js";
import type { Explainers } from "./explainers.js";
import { feedByDay } from "./feed.js";
import { linkFindings } from "./link-findings.js";
import { type CorrelatorOptions, judgeOf } from "./options.js";
import { byBatch, chunksOf } from "./read-batches.js";
import type { RunState } from "./run-state.js";
import { RELEVANT } from "./selection.js";
import { type Counters, countExplained } from "./stats.js";

/** Flows in memory at once. */
const MOST_FLOWS = 40_000;
/** Findings are looked for so often, ms: it goes through everything that is watched. */
const DRAIN_MS = 1_000;
const DNS_SAVE_MS = 10_000;
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
 * Does what landed since the last step. The order of writes is what makes a kill harmless; see
 * `CorrelatorStore`. Gives false when there was nothing to do.
 */
export async function step(state: RunState, tools: StepTools): Promise<boolean> {
  const { options, counters, signal } = tools;
  const { store, clock } = options;
  const landed = await store.tail(state.cursor, signal);
  counters.waiting = landed.batches.length;
  const newest = landed.batches.at(-1)?.sealedAt ?? 0;
  for (const batches of chunksOf(landed.batches, MOST_FLOWS)) {
    await correlate(batches, state, tools);
    counters.waiting -= batches.length;
    signal.throwIfAborted();
  }
  await saveProblems(state, tools, landed.batches.length === 0 ? 0 : QUIET_MS);
  if (landed.batches.length > 0) {
    const landedAt = Math.max(
      ...landed.batches.map(({ storedAt }) => storedAt),
      counters.correlatedUntil,
    );
    await store.saveCursor({ tail: landed.cursor, landedAt });
    state.cursor = landed.cursor;
    counters.correlatedUntil = landedAt;
    counters.lagMs = Math.max(0, clock.now() - newest);
  }
  if (clock.now() - state.indexedAt > INDEX_MS) {
    state.book.index(await store.index(signal));
    // It expires too.
    await store.saveJudgedBy(judgeOf(options));
    state.indexedAt = clock.now();
  }
  return landed.batches.length > 0;
}

/**
 * Explains some batches and stores that. While the store writes one the next is explained: a
 * write is mostly waiting, and both together kept up with half as many drops when one waited for
 * the other. The writes themselves stay in order.
 */
async function correlate(
  batches: readonly LandedBatch[],
  state: RunState,
  { options, explainers, counters, signal }: StepTools,
): Promise<void> {
  const { store, clock } = options;
  const stored = await store.explained(batches, signal);
  let written: Promise<void> = Promise.resolve();
  try {
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
      await written;
      written = write(done, known.length > 0, options, counters);
      // It is waited for with the next batch; until then its failure has nobody else to tell.
      written.catch(() => undefined);
      await feedByDay(state, flows, done.explanations, options.knowledge);
      counters.batches += 1;
    }
  } finally {
    await written;
  }
  for (const flow of await store.nodeTimes(batches, signal)) state.dns.see(flow);
  for (const gap of await store.gapsAround(batches, signal)) state.dns.gap(gap);
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

/** Nobody is told of what is not stored. */
async function write(
  done: ExplainedBatch,
  isStored: boolean,
  options: CorrelatorOptions,
  counters: Counters,
): Promise<void> {
  if (!isStored) await options.store.addExplanations(done.batch, done.rows);
  await options.store.addMinutes(done.batch, done.minutes);
  tell(done, options, counters);
}

function tell(
  { rows, explanations }: ExplainedBatch,
  { onExplained }: CorrelatorOptions,
  counters: Counters,
): void {
  for (const { uuid, node, problem } of rows) {
    const explanation = explanations.get(uuid) as DropExplanation;
    countExplained(counters, explanation);
    onExplained?.({ explanation, node, problem });
  }
}

/** Findings first, since they are linked to problems; then what changed of the problems. */
async function saveProblems(
  state: RunState,
  { options: { store, clock }, counters }: StepTools,
  quietMs: number,
): Promise<void> {
  const now = clock.now();
  if (now - state.drainedAt >= DRAIN_MS) {
    const { changed, withdrawn } = state.dns.drain();
    linkFindings(state.book, changed);
    await store.putFindings(changed, now);
    await store.dropFindings(withdrawn, now);
    await saveAudit(state, store, now);
    state.drainedAt = now;
  }
  const records = state.book.changed(quietMs);
  await store.putProblems(records);
  state.book.saved(records);
  if (now - state.dnsSavedAt < DNS_SAVE_MS || counters.batches === 0) return;
  await store.saveDnsState(state.dns.state());
  state.dnsSavedAt = now;
}

/** Everything once more when the correlator stops in good order. */
export async function lastSave(state: RunState, tools: StepTools): Promise<void> {
  state.drainedAt = 0;
  state.dnsSavedAt = 0;
  await saveProblems(state, tools, 0);
}

async function saveAudit(state: RunState, store: CorrelatorStore, now: number): Promise<void> {
  const findings = state.audit.findings();
  const changed = findings.filter(({ id, count }) => state.audited.get(id) !== count);
  await store.putAudit(changed, now);
  state.audited = new Map(findings.map(({ id, count }) => [id, count]));
}
