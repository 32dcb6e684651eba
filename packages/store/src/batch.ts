import type { SpooledTable } from "./schema/side-tables.js";

/** Rows of one table as a ClickHouse Native block: the insert body, byte for byte. */
export interface TableBlock {
  readonly table: SpooledTable;
  readonly rows: number;
  /** Consecutive pieces of the body; not changed after they were handed over. */
  readonly chunks: readonly Uint8Array[];
}

/** What the ingester asks the store to make safe. Once `seal` resolves, the rows are acknowledged. */
export interface Batch {
  /** From `newBatchId`; the same value stands in the `batch` column of every row. */
  readonly id: bigint;
  readonly blocks: readonly TableBlock[];
  /** Rows of `flows` in the batch. */
  readonly flows: number;
  /** Oldest and newest flow time in the batch, ns since 1970; both 0 when there are no flows. */
  readonly minTimeNs: bigint;
  readonly maxTimeNs: bigint;
}

/** The store's door. One owner per spool folder. */
export interface SpoolDoor {
  /**
   * Writes the batch, fsyncs it, renames it, fsyncs the folder.
   * @throws DropscopeError `SPOOL_FULL` (nothing written; try again when `spaceFreed` fires),
   *   `SPOOL_IO` (nothing acknowledged).
   */
  seal(batch: Batch): Promise<void>;
  /** Resolves when a full spool has room again. */
  spaceFreed(): Promise<void>;
}

let lastMs = 0n;
let counter = 0n;
const lane = BigInt(Math.floor(Math.random() * 1024));

/**
 * A new batch id: 41 bits of ms since 1970, 10 random bits of this process, 12 bits of
 * counter. Ids of one process grow, and two ingesters on one store do not meet.
 */
export function newBatchId(now: number): bigint {
  let ms = BigInt(now);
  if (ms <= lastMs) {
    ms = lastMs;
    counter += 1n;
    if (counter === 4096n) {
      ms += 1n;
      counter = 0n;
    }
  } else counter = 0n;
  lastMs = ms;
  return (ms << 22n) | (lane << 12n) | counter;
}
