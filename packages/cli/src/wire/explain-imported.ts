import { createCorrelator, createLiveCatalog } from "@dropscope/correlator";
import { systemClock } from "@dropscope/model";
import type { Profile } from "@dropscope/policy";
import {
  createCorrelatorStore,
  type CorrelatorStore,
  explainedCounts,
  type ExplainedCounts,
  folderLeader,
  landedAt,
  leaseLeader,
  type Store,
} from "@dropscope/store";
import type { Logger } from "pino";
import type { Config } from "../config/settings.js";
import { storeLogger } from "./store.js";

export interface ImportedWiring {
  readonly config: Config;
  readonly store: Pick<Store, "client">;
  readonly profile: Profile;
  readonly logger: Logger;
  /** What was imported; those that did not land are in quarantine. */
  readonly batches: readonly bigint[];
  readonly signal: AbortSignal;
  /** Called now and then with the number of batches that wait, as far as it is looked. */
  readonly onWaiting?: (batches: number) => void;
}

const LOOK_MS = 200;
const clock = systemClock;

/**
 * Has imported flows explained: by the correlator that works on the store already, and else by one
 * that ends when they are. Both read the policies of the flows' own time from the store.
 * @throws DropscopeError when the store cannot be read
 */
export async function explainImported(wiring: ImportedWiring): Promise<ExplainedCounts> {
  const { config, store, profile, logger, batches, signal } = wiring;
  if (batches.length === 0) return { outcomes: [], problems: [] };
  const known = createCorrelatorStore(store.client, { clock });
  const knowledge = createLiveCatalog({
    sources: [],
    profile,
    logger: storeLogger(logger),
    store,
  });
  const correlator = createCorrelator({
    store: known,
    leader:
      config.clickhouse === undefined
        ? folderLeader(config.data)
        : leaseLeader(store.client, { clock }),
    knowledge,
    profile,
    clock,
    resolvedAfterMs: config["resolved-after"],
    logger: storeLogger(logger),
  });
  await knowledge.start();
  await correlator.start();
  try {
    await done(known, wiring);
  } finally {
    // What it has found by then is written when it ends.
    await correlator.stop(4_000);
    await knowledge.stop(1_000);
  }
  return explainedCounts(store.client, batches, signal);
}

/** Waits until the cursor of whoever explains has passed the batches. */
async function done(
  known: CorrelatorStore,
  { store, batches, signal, onWaiting }: ImportedWiring,
): Promise<void> {
  const ours = new Set(batches);
  const landed = await landedAt(store.client, batches, signal);
  while (!signal.aborted) {
    const cursor = await known.cursor(signal);
    if (cursor !== undefined) {
      const { batches: waiting } = await known.tail(cursor.tail, signal);
      // Of a long backlog the oldest come first.
      if (cursor.landedAt >= landed && !waiting.some(({ id }) => ours.has(id))) return;
      onWaiting?.(waiting.length);
    }
    await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
  }
}
