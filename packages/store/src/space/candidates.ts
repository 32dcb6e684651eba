import type { StoreClient } from "../clickhouse/client.js";
import { CLASS_TABLES, type RetentionClass } from "./classes.js";
import { dayOf } from "./usage.js";

/** A day of a table that may be removed. */
export interface Candidate {
  readonly class: RetentionClass;
  readonly table: string;
  readonly partitionId: string;
  /** UTC, `2026-11-20`. */
  readonly day: string;
  readonly rows: number;
  readonly bytes: number;
}

/** What goes first: what is least missed. What is not named is never removed to keep a bound. */
const ORDER: readonly RetentionClass[] = ["flows", "drops", "rollups"];

/** What is removed next: the oldest day of the first class that has one to give. */
export async function nextToRemove(
  client: Pick<StoreClient, "query">,
  now: number,
): Promise<Candidate | undefined> {
  const rows = await client.query<{
    table: string;
    partition: string;
    id: string;
    rows: string;
    bytes: string;
  }>(
    `SELECT table, partition, partition_id AS id, sum(rows) AS rows, sum(bytes_on_disk) AS bytes
     FROM system.parts WHERE database = currentDatabase() AND active GROUP BY table, partition, id`,
  );
  const found: Candidate[] = [];
  for (const one of CLASS_TABLES) {
    if (one.byDay !== true || !ORDER.includes(one.class)) continue;
    const days = rows.filter(({ table }) => table === one.table);
    const kept = keptFrom(
      days.map(({ partition }) => dayOf(partition)),
      now,
    );
    for (const { table, partition, id, rows: count, bytes } of days) {
      const day = dayOf(partition);
      const own = one.keptLong === undefined || partition.endsWith(`,${one.keptLong})`);
      if (!own || day === "" || day >= kept || Number(count) === 0) continue;
      const size = { rows: Number(count), bytes: Number(bytes) };
      found.push({ class: one.class, table, partitionId: id, day, ...size });
    }
  }
  return found.sort(before)[0];
}

function before(a: Candidate, b: Candidate): number {
  const rank = ORDER.indexOf(a.class) - ORDER.indexOf(b.class);
  if (rank !== 0) return rank;
  if (a.day !== b.day) return a.day < b.day ? -1 : 1;
  return a.table < b.table ? -1 : 1;
}

/**
 * The day from which on nothing is removed: the newest one, or the present one when a clock that ran
 * ahead left days of the future.
 */
function keptFrom(days: readonly string[], now: number): string {
  const today = new Date(now).toISOString().slice(0, 10);
  const newest = days.reduce((latest, day) => (day > latest ? day : latest), "");
  return newest < today ? newest : today;
}
