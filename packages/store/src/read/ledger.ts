import type { TailCursor, TimeRange } from "../reader.js";
import type { Params } from "./params.js";
import { and, or } from "./sql.js";
import { timeSql } from "./time-sql.js";

/**
 * How far behind its cursor a tail looks for batches that became visible late: longer than
 * any insert of a ledger row takes, and than clocks of several servers differ.
 */
export const LOOK_BACK_NS = 10_000_000_000n;

/**
 * Rows of batches that `tail(asOf)` will not deliver: those that the ledger held then. The
 * ledger's own times keep the list short.
 */
export function asOfSql(asOf: TailCursor, range: TimeRange, params: Params): string {
  const known = or([
    `stored_at < ${timeSql(lookBackFrom(asOf), params)}`,
    asOf.seen.length === 0
      ? "0"
      : `batch IN ${params.add(
          "Array(UInt64)",
          asOf.seen.map((one) => BigInt(seenBatch(one))),
        )}`,
  ]);
  const overlaps = and([
    range.since === undefined ? "1" : `max_time >= ${timeSql(range.since, params)}`,
    range.until === undefined ? "1" : `min_time <= ${timeSql(range.until, params)}`,
  ]);
  return `batch IN (SELECT batch FROM batches WHERE ${and([known, overlaps])})`;
}

export function lookBackFrom(cursor: TailCursor): bigint {
  return BigInt(cursor.storedAt) - LOOK_BACK_NS;
}

/** Entries of a cursor's `seen`: `BATCH@STORED_NS`. */
export function seenBatch(entry: string): string {
  return entry.slice(0, entry.indexOf("@"));
}

export function seenAt(entry: string): bigint {
  return BigInt(entry.slice(entry.indexOf("@") + 1));
}
