import { type Clock, systemClock } from "@dropscope/model";
import type { StoreClient } from "../clickhouse/client.js";
import type { FlowReader } from "../reader.js";
import { complete } from "./complete.js";
import { detail } from "./detail.js";
import { drops, verdicts } from "./drops.js";
import { edges } from "./edges.js";
import { WINDOW_ROWS } from "./flow-plan.js";
import { landed } from "./landed.js";
import { LookupCache } from "./lookup.js";
import { gapsIn } from "./losses.js";
import { observe } from "./observe.js";
import { page } from "./page.js";
import { createRunner, DEFAULT_LIMITS, type QueryLimits } from "./run.js";
import { ledgerEnd, tailStep } from "./tail.js";
import { totals } from "./totals.js";

export interface ReaderOptions {
  /** What one question may cost; "profile" leaves it to the store's user, who may not be allowed to set it. */
  limits?: QueryLimits | "profile";
  /** Label sets and policies kept in memory, each. */
  cached?: number;
  /** Rows of a long answer that are sorted at once; memory of the engine, about 1 KiB a row. */
  windowRows?: number;
  clock?: Pick<Clock, "now">;
}

/** Answers questions about stored flows; holds nothing but a cache of label sets and policies. */
export function createReader(client: StoreClient, options: ReaderOptions = {}): FlowReader {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const run = createRunner(client, limits === "profile" ? undefined : limits);
  const lookup = new LookupCache(run, options.cached);
  return {
    observe: (query, signal) =>
      observe(run, lookup, query, options.windowRows ?? WINDOW_ROWS, signal),
    page: (query, signal) => page(run, lookup, query, signal),
    detail: (uuid, viewer, signal) => detail(run, lookup, uuid, viewer, signal),
    drops: (query, signal) => drops(run, query, signal),
    verdicts: (query, signal) => verdicts(run, query, signal),
    edges: (query, signal) => edges(run, options.clock ?? systemClock, query, signal),
    gaps: (range, signal) => gapsIn(run, range, signal),
    complete: (what, prefix, viewer, signal) => complete(run, what, prefix, viewer, signal),
    end: (signal) => ledgerEnd(run, signal),
    tail: (cursor, signal) => tailStep(run, cursor, signal),
    landed: (batches, query, signal) => landed(run, lookup, batches, query, signal),
    totals: (sinceNs) => totals(run, sinceNs),
  };
}
