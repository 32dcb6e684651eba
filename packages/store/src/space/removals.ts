import type { Removal } from "@dropscope/model";
import type { StoreClient } from "../clickhouse/client.js";

/** As many as a page can show; older ones are in the table. */
const MOST = 500;

/** What was removed to keep the disk bound, newest first. */
export async function readRemovals(client: Pick<StoreClient, "query">): Promise<Removal[]> {
  const rows = await client.query<{
    class: string;
    table: string;
    day: string;
    rows: string;
    bytes: string;
    bound: string;
    at: string;
  }>(
    `SELECT class, table_name AS table, toString(day) AS day, rows, bytes, bound, toUnixTimestamp64Milli(at) AS at
     FROM removals FINAL WHERE state = 'removed' ORDER BY removals.at DESC, table, day LIMIT ${MOST}`,
  );
  return rows.map((row) => ({
    class: row.class,
    table: row.table,
    day: row.day,
    rows: Number(row.rows),
    bytes: Number(row.bytes),
    bound: Number(row.bound),
    at: Number(row.at),
  }));
}

/** A removal as it stands in the table; the later row of an id counts. */
export interface RemovalRow {
  id: string;
  by: string;
  class: string;
  table_name: string;
  partition_id: string;
  day: string;
  rows: string;
  bytes: string;
  bound: string;
  used: string;
  at: string;
}

/** Removals that were decided and not finished. */
export async function unfinishedRemovals(
  client: Pick<StoreClient, "query">,
): Promise<RemovalRow[]> {
  return client.query<RemovalRow>(
    `SELECT id, by, class, table_name, partition_id, toString(day) AS day, rows, bytes, bound, used, toString(at) AS at
     FROM removals FINAL WHERE state = 'removing' ORDER BY removals.at, id`,
  );
}
