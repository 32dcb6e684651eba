import type { ClassSpace, SpaceReport, TableSpace } from "@dropscope/model";
import type { StoreClient } from "../clickhouse/client.js";
import { currentRetention } from "./current-retention.js";
import { CLASS_TABLES, DAYS_OF, RETENTION_CLASSES, type RetentionClass } from "./classes.js";
import { perDayOf, type DayBytes } from "./per-day.js";
import { readRemovals } from "./removals.js";

interface PartRow {
  table: string;
  partition: string;
  rows: string;
  bytes: string;
  raw: string;
}

/** Active parts of our tables, by partition. Sizes are what the disk holds, compressed. */
const PARTS = `SELECT table, partition, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, sum(data_uncompressed_bytes) AS raw
FROM system.parts WHERE database = currentDatabase() AND active GROUP BY table, partition ORDER BY table, partition`;

/**
 * What the store holds and since when, what each class takes a day, and what was removed to keep the
 * disk bound.
 * @param now ms since 1970: the present day is not whole, so it does not count for what a day takes
 */
export async function readSpace(
  client: StoreClient,
  now: number,
  signal?: AbortSignal,
): Promise<SpaceReport> {
  const options = signal === undefined ? {} : { signal };
  const [parts, retention, removals, disks] = await Promise.all([
    client.query<PartRow>(PARTS, {}, options),
    currentRetention(client),
    readRemovals(client),
    client.query<{ name: string; free: string; total: string }>(
      `SELECT name, free_space AS free, total_space AS total FROM system.disks WHERE name IN
       (SELECT DISTINCT disk_name FROM system.parts WHERE database = currentDatabase()) ORDER BY name`,
      {},
      options,
    ),
  ]);
  const tables: TableSpace[] = [];
  const days = new Map<RetentionClass, DayBytes[]>();
  for (const one of CLASS_TABLES) {
    const own = parts.filter(
      ({ table, partition }) =>
        table === one.table &&
        (one.keptLong === undefined || partition.endsWith(`,${one.keptLong})`)),
    );
    const where = one.keptLong === undefined ? "" : ` WHERE kept_long = ${one.keptLong}`;
    const [ends] =
      own.length === 0
        ? []
        : await client.query<{ oldest: string; newest: string }>(
            `SELECT toUnixTimestamp64Milli(toDateTime64(min(${one.time}), 3, 'UTC')) AS oldest,
             toUnixTimestamp64Milli(toDateTime64(max(${one.time}), 3, 'UTC')) AS newest FROM ${one.table}${where}`,
            {},
            options,
          );
    const space = sumOf(own);
    tables.push({
      table: one.table,
      class: one.class,
      ...space,
      ...(ends === undefined ? {} : { oldest: Number(ends.oldest), newest: Number(ends.newest) }),
      days: retention[DAYS_OF[one.class]],
    });
    const known = days.get(one.class) ?? [];
    days.set(one.class, known);
    if (one.byDay === true)
      for (const part of own)
        known.push({ table: one.table, day: dayOf(part.partition), bytes: Number(part.bytes) });
    else if (ends !== undefined)
      known.push({ table: one.table, bytes: space.bytes, ...spanOf(ends) });
  }
  const known = new Set(CLASS_TABLES.map(({ table }) => table));
  for (const table of new Set(parts.map((part) => part.table)))
    if (!known.has(table))
      tables.push({ table, ...sumOf(parts.filter((part) => part.table === table)) });
  const classes = RETENTION_CLASSES.map((name): ClassSpace => {
    const own = tables.filter((table) => table.class === name);
    const perDay = perDayOf(days.get(name) ?? [], now);
    const kept = {
      class: name,
      days: retention[DAYS_OF[name]],
      rows: total(own, "rows"),
      bytes: total(own, "bytes"),
    };
    return perDay === undefined ? kept : Object.assign(kept, { perDay });
  });
  const flows = tables.filter(({ table }) => table === "flows");
  const bytes = total(tables, "bytes");
  const rows = total(flows, "rows");
  return {
    tables,
    classes,
    bytes,
    flows: rows,
    ...(rows === 0 ? {} : { bytesPerFlow: total(flows, "bytes") / rows }),
    disks: disks.map(({ name, free, total: all }) => ({
      name,
      free: Number(free),
      total: Number(all),
    })),
    removals,
  };
}

function sumOf(parts: readonly PartRow[]): Pick<TableSpace, "rows" | "bytes" | "rawBytes"> {
  const sum = (key: "rows" | "bytes" | "raw"): number =>
    parts.reduce((all, part) => all + Number(part[key]), 0);
  return { rows: sum("rows"), bytes: sum("bytes"), rawBytes: sum("raw") };
}

function total(tables: readonly TableSpace[], key: "rows" | "bytes"): number {
  return tables.reduce((sum, table) => sum + table[key], 0);
}

/** `('2026-11-20',0)` and `2026-11-20` alike. */
export function dayOf(partition: string): string {
  return /\d{4}-\d{2}-\d{2}/.exec(partition)?.[0] ?? "";
}

function spanOf({ oldest, newest }: { oldest: string; newest: string }): { spanMs: number } {
  return { spanMs: Number(newest) - Number(oldest) };
}
