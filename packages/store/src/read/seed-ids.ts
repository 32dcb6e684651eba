import type { Store } from "../open.js";
import { inTextOrder, streamIds } from "./id-stream.js";

/** Ids that a source must not bring again. */
export interface SeedIds {
  /** 16 bytes each, in the order of the uuid's text. */
  ids: Uint8Array;
  /** They are complete for flow times from here on, ms since 1970; 0 when nothing was left out. */
  completeSinceMs: number;
}

/**
 * Ids of flows and losses with a time of `sinceMs` or later that are stored, or sealed and
 * waiting: the newest `limit` of the stored ones, and all that wait.
 */
export async function readSeedIds(
  store: Pick<Store, "client" | "waitingFlows">,
  sinceMs: number,
  limit: number,
): Promise<SeedIds> {
  const parts: Uint8Array[] = [];
  // First what waits: a batch that is delivered meanwhile is then found in the store.
  for await (const waiting of store.waitingFlows()) {
    const ids = new Uint8Array(waiting.rows * 16);
    for (let at = 0; at < ids.length; at += 16) inTextOrder(waiting.uuids, at, ids, at);
    parts.push(ids);
  }
  const since = { since: Math.max(0, Math.floor(sinceMs)), limit };
  const stored = await collect(
    store,
    "SELECT uuid FROM flows WHERE time >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') ORDER BY time DESC LIMIT {limit:UInt64}",
    since,
  );
  const gaps = await collect(
    store,
    "SELECT DISTINCT id FROM gaps WHERE time >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') LIMIT {limit:UInt64}",
    since,
  );
  parts.push(stored, gaps);
  const completeSinceMs = stored.length < limit * 16 ? 0 : await oldestOf(store, since);
  return { ids: Buffer.concat(parts), completeSinceMs };
}

async function collect(
  store: Pick<Store, "client">,
  sql: string,
  params: Record<string, unknown>,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await streamIds(store.client, sql, params, (bytes) => pieces.push(bytes.slice()));
  return Buffer.concat(pieces);
}

async function oldestOf(
  store: Pick<Store, "client">,
  params: { since: number; limit: number },
): Promise<number> {
  const [row] = await store.client.query<{ ms: string }>(
    "SELECT toUnixTimestamp64Milli(min(time)) + 1 AS ms FROM (SELECT time FROM flows WHERE time >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') ORDER BY time DESC LIMIT {limit:UInt64})",
    params,
  );
  return Number(row?.ms ?? 0);
}
