import type { CorrelatorCursor, CorrelatorStore } from "@dropscope/store";
import { linkFindings } from "./link-findings.js";
import type { RunState } from "./run-state.js";
import type { StepTools } from "./step.js";

/** Findings are looked for so often, ms: it goes through everything that is watched. */
const DRAIN_MS = 1_000;
const DNS_SAVE_MS = 10_000;

/**
 * Takes what follows from the batches that were explained, as it is now, and gives a function that
 * stores it: meanwhile the next batches change it. Findings first, since problems are linked to them;
 * the cursor last, so that after a kill everything behind it is made again.
 * @param quietMs a problem that goes on is written so often
 * @param cursor where the batches end; undefined when there were none
 */
export function snapshot(
  state: RunState,
  { options: { store, clock }, counters }: Pick<StepTools, "options" | "counters">,
  quietMs: number,
  cursor?: CorrelatorCursor,
): () => Promise<void> {
  const now = clock.now();
  const writes: (() => Promise<void>)[] = [];
  if (now - state.drainedAt >= DRAIN_MS) {
    const { changed, withdrawn } = state.dns.drain();
    linkFindings(state.book, changed);
    writes.push(
      () => store.putFindings(changed, now),
      () => store.dropFindings(withdrawn, now),
      auditWrite(state, store, now),
    );
    state.drainedAt = now;
  }
  const records = state.book.changed(quietMs);
  writes.push(async () => {
    await store.putProblems(records);
    state.book.saved(records);
  });
  if (now - state.dnsSavedAt >= DNS_SAVE_MS && counters.batches > 0) {
    const dns = state.dns.state();
    writes.push(() => store.saveDnsState(dns));
    state.dnsSavedAt = now;
  }
  if (cursor !== undefined) writes.push(() => store.saveCursor(cursor));
  return async () => {
    for (const write of writes) await write();
  };
}

function auditWrite(state: RunState, store: CorrelatorStore, now: number): () => Promise<void> {
  const findings = state.audit.findings();
  const changed = findings.filter(({ id, count }) => state.audited.get(id) !== count);
  state.audited = new Map(findings.map(({ id, count }) => [id, count]));
  return () => store.putAudit(changed, now);
}
