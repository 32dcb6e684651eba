import { DropscopeError, type Clock } from "@dropscope/model";
import { INGESTER_DEFAULTS, type IngesterConfig } from "./config.js";
import { recentIdsCapacity } from "./recent-ids.js";
import { HORIZON_SLACK_MS } from "./sources/hubble/resume.js";
import { createOutages } from "./sources/hubble/node-status.js";
import { createWatermarks } from "./sources/hubble/watermarks.js";
import { loadState, type SavedState } from "./sources/hubble/saved-state.js";
import { HUBBLE_TUNING } from "./sources/hubble/tuning.js";
import type { Seed, WorkerInput } from "./thread-messages.js";

type AskSeed = (sinceMs: number, limit: number) => Promise<Seed>;

/** The store may be absent at start, and rings do not wait for it. */
const SEED_DEADLINE_MS = 15_000;

/** Reads how far the last run came, and which ids it has sealed since. */
export async function readStart(
  config: IngesterConfig,
  ask: AskSeed | undefined,
  clock: Clock,
  notice: (notice: DropscopeError) => void,
): Promise<WorkerInput> {
  const tuning = { ...HUBBLE_TUNING, ...config.tuning };
  const recentIdsBytes = config.recentIdsBytes ?? INGESTER_DEFAULTS.recentIdsBytes;
  const saved =
    config.stateFile === undefined
      ? undefined
      : await loadState(config.stateFile, config.target.address.dial);
  const oldest = oldestMs(saved, clock.now()) ?? clock.now() - tuning.backfillMs;
  const sinceMs = oldest - tuning.overlapMs - HORIZON_SLACK_MS;
  return {
    target: config.target,
    tuning: config.tuning ?? {},
    redact: config.redact ?? INGESTER_DEFAULTS.redact,
    stateFile: config.stateFile,
    saved,
    seed: await seedOf(ask, sinceMs, recentIdsCapacity(recentIdsBytes), clock, notice),
    batchRows: config.batchRows ?? INGESTER_DEFAULTS.batchRows,
    batchAgeMs: config.batchAgeMs ?? INGESTER_DEFAULTS.batchAgeMs,
    maxUnacked: config.maxUnacked ?? INGESTER_DEFAULTS.maxUnacked,
    recentIdsBytes,
  };
}

/** The same nodes that the first stream will reach back to. */
function oldestMs(saved: SavedState | undefined, nowMs: number): number | undefined {
  if (saved === undefined) return undefined;
  const away = createOutages(saved.outages).expectedBack(nowMs);
  const expected = createWatermarks(saved.watermarks).expected(away);
  if (expected.length === 0) return undefined;
  return Math.min(...expected.map(([, newestNs]) => Number(newestNs / 1_000_000n)));
}

/** Without the ids nothing older than now may be asked for: it could be stored already. */
async function seedOf(
  ask: AskSeed | undefined,
  sinceMs: number,
  limit: number,
  clock: Clock,
  notice: (notice: DropscopeError) => void,
): Promise<Seed | undefined> {
  if (ask === undefined) return undefined;
  let cancel = () => {};
  const late = new Promise<undefined>((resolve) => {
    cancel = clock.after(SEED_DEADLINE_MS, () => resolve(undefined));
  });
  const seed = await Promise.race([ask(sinceMs, limit).catch(() => undefined), late]);
  cancel();
  // What is older than was asked for may be stored too, so it is not complete either.
  if (seed !== undefined)
    return { ids: seed.ids, completeSinceMs: Math.max(seed.completeSinceMs, sinceMs) };
  notice(
    new DropscopeError(
      "INGEST_UNSEEDED",
      "The store did not say which flows it holds, so what came while we were away is not read again.",
      { next: "Start the store before the ingester to close the gap of a restart." },
    ),
  );
  return { ids: new Uint8Array(0), completeSinceMs: clock.now() };
}
