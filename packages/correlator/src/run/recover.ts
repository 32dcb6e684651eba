import type { LandedBatch } from "@dropscope/store";
import type { DnsWatchState } from "../dns/index.js";
import { explainBatch } from "./explain-batch.js";
import type { Explainers } from "./explainers.js";
import { type CorrelatorOptions, judgeOf } from "./options.js";
import { createRunState, type RunState } from "./run-state.js";
import { RELEVANT } from "./selection.js";
import { byBatch, feedOthers } from "./read-batches.js";
import type { Counters } from "./stats.js";

/** Landed before the cursor and looked at again: snapshots of problems are written a little later than flows. */
const LOOK_BACK_MS = 15_000;
/** Answers of name servers that are read again. */
const MOST_ANSWERS = 20_000;
/** As many as the audit keeps. */
const MOST_AUDITED = 1_000;
const DAY_MS = 86_400_000;

/**
 * What a correlator had in its memory before it was stopped or killed. What it had written stays
 * as it is; everything else is made from the flows again.
 */
export async function recover(
  options: CorrelatorOptions,
  explainers: Explainers,
  counters: Counters,
  signal: AbortSignal,
): Promise<RunState> {
  const { store, clock } = options;
  await store.saveJudgedBy(judgeOf(options));
  const stored = await store.cursor(signal);
  const dns = (await store.dnsState(signal)) as DnsWatchState | undefined;
  const cursor = stored?.tail ?? { storedAt: "0", seen: [] };
  const state = createRunState(options, counters, { cursor, dns });
  state.book.index(await store.index(signal));
  if (stored === undefined) return state;
  const audited = await store.auditRecords(MOST_AUDITED, signal);
  state.audit.load(audited);
  state.audited = new Map(audited.map(({ id, count }) => [id, count]));
  for await (const flows of store.answers(clock.now() - DAY_MS, MOST_ANSWERS, signal))
    for (const { flow } of flows) state.dns.names.observe(flow);
  const since = stored.landedAt - LOOK_BACK_MS;
  const replay = dns?.replayFrom ?? Number.POSITIVE_INFINITY;
  const before = await store.recent(cursor, { landedAfter: since, timeAfter: replay }, signal);
  for (const batch of before) await again(batch, batch.storedAt >= since);
  for (const gap of await store.gapsAround(before, signal)) state.dns.gap(gap);
  return state;

  async function again(batch: LandedBatch, explains: boolean): Promise<void> {
    for await (const [, flows] of byBatch(store.flows([batch], RELEVANT, signal), [batch])) {
      if (!explains) {
        // Of so long ago the audit has stored everything, and names the batches no more.
        for (const { flow } of flows) state.dns.see(flow);
        continue;
      }
      const done = await store.explained([batch], signal);
      const { explanations } = await explainBatch(
        // Without rows of its own nothing of it was explained, and nothing is now.
        { batch, flows: done.length === 0 ? [] : flows, stored: done },
        {
          ...state,
          explainerAt: explainers.at,
          load: async (ids) => state.book.load(await store.records(ids, signal)),
        },
      );
      feedOthers(state, flows, explanations);
    }
  }
}
