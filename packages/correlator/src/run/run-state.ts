import type { Flow } from "@dropscope/model";
import type { Revisions } from "@dropscope/policy";
import type { LandedFlow, TailCursor } from "@dropscope/store";
import { createEnforcementAudit, type EnforcementAudit } from "../audit/index.js";
import {
  createDnsWatch,
  createNameHistory,
  type DnsWatch,
  type DnsWatchState,
} from "../dns/index.js";
import { createDropPairs, type DropPairs } from "../explain/index.js";
import { createProblemBook, type ProblemBook } from "../problems/index.js";
import { historyAtHand } from "./feed.js";
import { namesByLookup } from "./names.js";
import type { CorrelatorOptions } from "./options.js";
import type { Counters } from "./stats.js";
import { createExplanationWriter, type ExplanationWriter } from "./writer.js";

/** What a correlator that leads has in its memory; made from the store, and thrown away when it no longer leads. */
export interface RunState {
  cursor: TailCursor;
  readonly book: ProblemBook;
  readonly pairs: DropPairs;
  readonly dns: DnsWatch;
  readonly audit: EnforcementAudit;
  readonly landed: WeakMap<Flow, LandedFlow>;
  readonly writer: ExplanationWriter;
  /** What the last step came to, on its way into the store. */
  saving: Promise<void>;
  /** Counts of the audit findings that are stored, by id. */
  audited: ReadonlyMap<string, number>;
  /** ms since 1970. */
  indexedAt: number;
  drainedAt: number;
  dnsSavedAt: number;
}

export function createRunState(
  options: CorrelatorOptions,
  counters: Counters,
  stored: { readonly cursor: TailCursor; readonly dns: DnsWatchState | undefined },
): RunState {
  const { knowledge, profile, clock, limits, resolvedAfterMs, clusterDomain } = options;
  const revisions = (): Revisions => knowledge.revisions();
  const policies = { history: historyAtHand(knowledge), profile, revisions };
  const names = createNameHistory();
  const dns = createDnsWatch({
    clock,
    policies,
    names,
    ...(clusterDomain === undefined ? {} : { clusterDomain }),
    ...(stored.dns === undefined ? {} : { state: stored.dns }),
  });
  return {
    cursor: stored.cursor,
    book: createProblemBook({
      clock,
      nameOf: namesByLookup(names),
      ...(limits === undefined ? {} : { limits }),
      ...(resolvedAfterMs === undefined ? {} : { resolvedAfterMs }),
    }),
    pairs: createDropPairs(),
    dns,
    audit: createEnforcementAudit(policies),
    landed: new WeakMap(),
    writer: createExplanationWriter(options, counters),
    saving: Promise.resolve(),
    audited: new Map(),
    indexedAt: clock.now(),
    drainedAt: 0,
    dnsSavedAt: 0,
  };
}
