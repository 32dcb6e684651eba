import type { StoreClient } from "../clickhouse/client.js";
import { createIdIndex } from "./id-index.js";
import { streamIds } from "./id-stream.js";

/**
 * Says which ids are stored, so that importing a file twice stores nothing twice.
 * Ids are 16 bytes each, in the order of a uuid's text. The answers have one byte per id:
 * 1 when it is stored. What is sealed but not delivered yet is not seen.
 */
export interface StoredIds {
  /** Flows with a time in [fromNs, toNs], ns since 1970. Keep the range small: it is what is read. */
  flows(ids: Uint8Array, fromNs: bigint, toNs: bigint, signal?: AbortSignal): Promise<Uint8Array>;
  /** Losses, by the id of the gap. */
  gaps(ids: Uint8Array, signal?: AbortSignal): Promise<Uint8Array>;
}

/** With more rows than this in the range, the ids are looked up (bloom filter) instead of the range being read. */
const READ_AT_MOST = 1_000_000;
/** Ids of one look-up: they stand in the URL, of which the embedded engine's front takes 16 KiB. */
const LOOK_UP = 240;

const IN_RANGE =
  "time >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND time <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')";

export function createStoredIds(
  client: StoreClient,
  options: { readAtMost?: number } = {},
): StoredIds {
  const readAtMost = options.readAtMost ?? READ_AT_MOST;

  async function lookUp(
    sql: string,
    ids: Uint8Array,
    params: Record<string, unknown>,
    onId: (bytes: Uint8Array, at: number) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (let at = 0; at < ids.length; at += LOOK_UP * 16) {
      const rows = await client.query<{ id: string }>(
        sql,
        { ...params, ids: texts(ids.subarray(at, at + LOOK_UP * 16)) },
        signal === undefined ? {} : { signal },
      );
      for (const { id } of rows) onId(Buffer.from(id.replaceAll("-", ""), "hex"), 0);
    }
  }

  return {
    async flows(ids, fromNs, toNs, signal) {
      const index = createIdIndex(ids);
      const params = { from: fromNs, to: toNs };
      const options = signal === undefined ? {} : { signal };
      const [found] = await client.query<{ rows: string }>(
        `SELECT count() AS rows FROM flows WHERE ${IN_RANGE}`,
        params,
        options,
      );
      const rows = Number(found?.rows ?? 0);
      if (rows === 0) return index.flags;
      if (rows <= readAtMost) {
        const sql = `SELECT uuid FROM flows WHERE ${IN_RANGE}`;
        await streamIds(client, sql, params, index.mark, signal);
      } else {
        const sql = `SELECT uuid AS id FROM flows WHERE ${IN_RANGE} AND uuid IN {ids:Array(UUID)}`;
        await lookUp(sql, ids, params, index.mark, signal);
      }
      return index.flags;
    },
    async gaps(ids, signal) {
      const index = createIdIndex(ids);
      const sql = "SELECT DISTINCT id FROM gaps WHERE id IN {ids:Array(UUID)}";
      await lookUp(sql, ids, {}, index.mark, signal);
      return index.flags;
    },
  };
}

function texts(ids: Uint8Array): string[] {
  const list: string[] = [];
  for (let at = 0; at + 16 <= ids.length; at += 16) {
    const hex = Buffer.from(ids.buffer, ids.byteOffset + at, 16).toString("hex");
    list.push(
      `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`,
    );
  }
  return list;
}
