import { clickhouseCode } from "../clickhouse/classify.js";
import type { StoreClient } from "../clickhouse/client.js";
import { DEFAULT_RETENTION, type Retention } from "../config.js";

/**
 * What a store remembers about itself (table `store_settings`), in place of a file: several
 * processes on several machines may use one store. The newest row of a name counts.
 */
export const RETENTION_KEY = "retention/";
/** Expression of a TTL that parts of a table are being told of. */
export const TTL_KEY = "ttl/";

const UNKNOWN_TABLE = 60;
const UNKNOWN_DATABASE = 81;

/** Values by name; an empty value is none. Empty for a store that is older than the table. */
export async function readSettings(
  client: Pick<StoreClient, "query">,
  prefix: string,
): Promise<Map<string, string>> {
  try {
    const rows = await client.query<{ name: string; value: string }>(
      "SELECT name, argMax(value, version) AS value FROM store_settings WHERE startsWith(name, {prefix:String}) GROUP BY name HAVING value != ''",
      { prefix },
      { settings: { select_sequential_consistency: "1" } },
    );
    return new Map(rows.map((row) => [row.name.slice(prefix.length), row.value]));
  } catch (error) {
    const code = clickhouseCode(error);
    if (code === UNKNOWN_TABLE || code === UNKNOWN_DATABASE) return new Map();
    throw error;
  }
}

/** The version is the store's clock, so that of two writers the later one wins. */
export async function writeSetting(
  client: Pick<StoreClient, "command">,
  name: string,
  value: string,
  by: string,
): Promise<void> {
  await client.command(
    `INSERT INTO store_settings (name, version, value, by, at)
     SELECT {name:String}, toUInt64(toUnixTimestamp64Micro(now64(6))), {value:String}, {by:String}, now64(3, 'UTC')`,
    { name, value, by },
  );
}

/** The retention that was set in the store itself, as far as it was. */
export async function storedRetention(
  client: Pick<StoreClient, "query">,
): Promise<Partial<Retention>> {
  const found = await readSettings(client, RETENTION_KEY);
  const days: Partial<Retention> = {};
  for (const key of Object.keys(DEFAULT_RETENTION) as (keyof Retention)[]) {
    const value = Number(found.get(key));
    if (found.has(key) && Number.isInteger(value)) days[key] = value;
  }
  return days;
}
