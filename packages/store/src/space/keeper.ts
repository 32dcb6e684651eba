import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { systemClock, type Clock, type Part } from "@dropscope/model";
import type { StoreClient } from "../clickhouse/client.js";
import { silentLogger, type StoreLogger } from "../config.js";
import { reasonOf } from "../deliver/deliver.js";
import { boundBytes, type DiskBound } from "./bound.js";
import { nextToRemove, type Candidate } from "./candidates.js";
import { removePartition } from "./remove.js";
import { unfinishedRemovals, type RemovalRow } from "./removals.js";

export interface SpaceKeeperOptions {
  readonly client: StoreClient;
  /** Absent: only measures. */
  readonly bound?: DiskBound;
  readonly clock?: Clock;
  readonly logger?: StoreLogger;
  /** ms between two looks. */
  readonly everyMs?: number;
  /** A test stops here, as a kill would. */
  readonly killPoint?: (point: "decided" | "dropped") => void;
}

export interface SpaceState {
  /** Bytes that tables hold, and how many they may; undefined before the first look, or without a bound. */
  readonly bytes: number | undefined;
  readonly bound: number | undefined;
  /** Free on the fullest of their disks. */
  readonly free: number | undefined;
  /** Removed by this process since its start. */
  readonly removedRows: number;
  readonly removedBytes: number;
  readonly removedPartitions: number;
  /** The bound is exceeded and nothing more may be removed. */
  readonly stuck: boolean;
  /** Looks that failed, in a row. */
  readonly failures: number;
}

/**
 * Keeps what tables hold within a bound, by whole days, oldest first. In order: ordinary flows; then
 * drops and why they were dropped; then the counts by minute and hour. Never the newest day, and
 * never the present one. Problems, findings, policies, known losses and the ledger stay.
 *
 *     measure ──over──▶ note 'removing' ─▶ gap ─▶ DROP PARTITION ─▶ note 'removed' ─┐
 *        ▲                                                                          │
 *        └──────────── until nine tenths of the bound are reached ◀─────────────────┘
 *
 * A removal that a kill interrupted is finished at the next look, from its note: what was removed is
 * always said, and what is said to be removed is.
 */
export interface SpaceKeeper extends Part {
  state(): SpaceState;
  /** One look, now. @throws what the store throws */
  look(): Promise<void>;
}

const EVERY_MS = 60_000;
/** Below this part of the bound nothing is removed, so that it is not exceeded again at once. */
const ENOUGH = 0.9;
/** A note of another process that is younger is being worked on. */
const CLAIM_MS = 60_000;

export function createSpaceKeeper(options: SpaceKeeperOptions): SpaceKeeper {
  const { client, bound, clock = systemClock, logger = silentLogger } = options;
  const me = `${hostname()}/${process.pid}/${randomUUID()}`;
  let state: SpaceState = {
    bytes: undefined,
    bound: undefined,
    free: undefined,
    removedRows: 0,
    removedBytes: 0,
    removedPartitions: 0,
    stuck: false,
    failures: 0,
  };
  let cancel = (): void => undefined;
  let looking: Promise<void> = Promise.resolve();
  let stopping = false;

  const isStopping = (): boolean => stopping;

  async function remove(row: RemovalRow): Promise<void> {
    const removed = await removePartition(client, row, { now: clock.now(), ...options });
    state = {
      ...state,
      removedRows: state.removedRows + removed.rows,
      removedBytes: state.removedBytes + removed.bytes,
      removedPartitions: state.removedPartitions + 1,
    };
    logger.warn("a day was removed to keep the disk bound", {
      class: row.class,
      table: row.table_name,
      day: row.day,
      rows: removed.rows,
      bytes: removed.bytes,
      bound: Number(row.bound),
    });
  }

  function decided(candidate: Candidate, limit: number, used: number): RemovalRow {
    return {
      id: randomUUID(),
      by: me,
      class: candidate.class,
      table_name: candidate.table,
      partition_id: candidate.partitionId,
      day: candidate.day,
      rows: String(candidate.rows),
      bytes: String(candidate.bytes),
      bound: String(Math.round(limit)),
      used: String(used),
      at: new Date(clock.now()).toISOString().replace("T", " ").replace("Z", ""),
    };
  }

  async function look(): Promise<void> {
    for (const row of await unfinishedRemovals(client)) {
      const age = clock.now() - Date.parse(`${row.at.replace(" ", "T")}Z`);
      // Another one is at it, and will go on measuring.
      if (row.by !== me && age < CLAIM_MS && age > -CLAIM_MS) return;
      await remove(row);
    }
    let { bytes, free, total } = await measure(client);
    const limit = bound === undefined ? undefined : boundBytes(bound, total);
    state = { ...state, bytes, free, bound: limit, failures: 0 };
    if (limit === undefined || bytes <= limit) {
      state = { ...state, stuck: false };
      return;
    }
    while (bytes > limit * ENOUGH) {
      const candidate = await nextToRemove(client, clock.now());
      if (candidate === undefined || isStopping()) break;
      await remove(decided(candidate, limit, bytes));
      ({ bytes, free } = await measure(client));
      state = { ...state, bytes, free };
    }
    const stuck = bytes > limit;
    if (stuck && !state.stuck)
      logger.error("the disk bound is exceeded, and nothing more may be removed", { bytes, limit });
    state = { ...state, stuck };
  }

  function next(): void {
    cancel = clock.after(options.everyMs ?? EVERY_MS, loop);
  }

  function loop(): void {
    looking = look()
      .catch((error: unknown) => {
        state = { ...state, failures: state.failures + 1 };
        if (state.failures === 1)
          logger.warn("the space that the store takes could not be looked after", {
            reason: reasonOf(error),
          });
      })
      .finally(() => {
        if (!stopping) next();
      });
  }

  return {
    state: () => state,
    look,
    start() {
      loop();
      return Promise.resolve();
    },
    async stop() {
      stopping = true;
      cancel();
      await looking;
    },
  };
}

async function measure(
  client: StoreClient,
): Promise<{ bytes: number; free: number | undefined; total: number }> {
  const [row] = await client.query<{ bytes: string; free: string; total: string }>(
    `SELECT (SELECT sum(bytes_on_disk) FROM system.parts WHERE database = currentDatabase() AND active) AS bytes,
       min(free_space) AS free, sum(total_space) AS total FROM system.disks WHERE name IN
       (SELECT DISTINCT disk_name FROM system.parts WHERE database = currentDatabase() AND active)`,
  );
  const total = Number(row?.total ?? 0);
  return {
    bytes: Number(row?.bytes ?? 0),
    free: total === 0 ? undefined : Number(row?.free),
    total,
  };
}
