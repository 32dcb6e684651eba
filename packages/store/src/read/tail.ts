import type { LandedBatch, TailCursor, TailStep } from "../reader.js";
import { LOOK_BACK_NS, lookBackFrom, seenAt, seenBatch } from "./ledger.js";
import { Params } from "./params.js";
import type { Runner } from "./run.js";
import { timeSql } from "./time-sql.js";

/**
 *   ledger, by stored_at
 *   ──────────┬───────────────┬──────▶
 *             │ looked at     │ new
 *         cursor − 10 s    cursor
 *
 * A ledger row gets its time when it is written and is seen a little later; two writers
 * overtake one another. So each step looks a while behind its cursor, and the cursor
 * carries the ids from there that were already given. A row is in the ledger only when its
 * batch is in the store as a whole.
 */
const BATCHES_PER_STEP = 256;

export interface LedgerRow {
  batch: string;
  flows: number;
  min_ns: string;
  max_ns: string;
  sealed_ms: string;
  stored_ns: string;
}

export const LEDGER_SELECT = `batch, flows, toUnixTimestamp64Nano(min_time) AS min_ns, toUnixTimestamp64Nano(max_time) AS max_ns,
  toUnixTimestamp64Milli(sealed_at) AS sealed_ms, toUnixTimestamp64Nano(stored_at) AS stored_ns`;

/** Where the store ends now. */
export async function ledgerEnd(run: Runner, signal: AbortSignal | undefined): Promise<TailCursor> {
  const rows = await run.rows<LedgerRow>(
    `SELECT ${LEDGER_SELECT} FROM batches WHERE stored_at >= (SELECT max(stored_at) FROM batches) - toIntervalNanosecond(${LOOK_BACK_NS}) LIMIT 1 BY batch`,
    new Params(),
    signal,
  );
  return cursorAfter({ storedAt: "0", seen: [] }, rows);
}

/** What the ledger took in since a cursor; at most some hundred batches, the oldest. */
export async function tailStep(
  run: Runner,
  cursor: TailCursor,
  signal: AbortSignal | undefined,
): Promise<TailStep> {
  const given = new Set(cursor.seen.map(seenBatch));
  const params = new Params();
  const rows = await run.rows<LedgerRow>(
    `SELECT ${LEDGER_SELECT} FROM batches WHERE stored_at >= ${timeSql(lookBackFrom(cursor), params)}
     ORDER BY batches.stored_at, batch LIMIT 1 BY batch LIMIT ${BATCHES_PER_STEP + given.size}`,
    params,
    signal,
  );
  const fresh = rows.filter((row) => !given.has(row.batch)).slice(0, BATCHES_PER_STEP);
  return {
    cursor: cursorAfter(cursor, fresh),
    batches: fresh.map(landedOf),
    flows: fresh.reduce((sum, row) => sum + row.flows, 0),
  };
}

/** Moves to the newest row, and keeps of what was given only what the next look can meet again. */
function cursorAfter(cursor: TailCursor, rows: readonly LedgerRow[]): TailCursor {
  let storedAt = BigInt(cursor.storedAt);
  for (const row of rows) if (BigInt(row.stored_ns) > storedAt) storedAt = BigInt(row.stored_ns);
  const seen = [...cursor.seen, ...rows.map((row) => `${row.batch}@${row.stored_ns}`)];
  return {
    storedAt: String(storedAt),
    seen: seen.filter((one) => seenAt(one) >= storedAt - LOOK_BACK_NS),
  };
}

export function landedOf(row: LedgerRow): LandedBatch {
  return {
    id: BigInt(row.batch),
    minTimeNs: BigInt(row.min_ns),
    maxTimeNs: BigInt(row.max_ns),
    flows: row.flows,
    sealedAt: Number(row.sealed_ms),
    storedAt: Math.floor(Number(BigInt(row.stored_ns) / 1_000_000n)),
  };
}
