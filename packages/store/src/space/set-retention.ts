import type { StoreClient } from "../clickhouse/client.js";
import type { Retention } from "../config.js";
import { applyRetention } from "./apply-retention.js";
import { currentRetention } from "./current-retention.js";
import { checkRetention } from "./retention.js";
import { RETENTION_KEY, writeSetting } from "./store-settings.js";

/**
 * Changes what a running store keeps, at once, and remembers it for the next start, where settings
 * that say otherwise win. Nothing is raised or lowered that was not named.
 * @param by who asked for it
 * @returns the retention before and after, and the tables whose TTL changed
 * @throws DropscopeError `RETENTION_INVALID` (exit 2) before anything is changed
 */
export async function setRetention(
  client: StoreClient,
  set: Partial<Retention>,
  by: string,
): Promise<{ before: Retention; after: Retention; tables: string[] }> {
  const before = await currentRetention(client);
  const after = checkRetention({ ...before, ...set });
  for (const [key, days] of Object.entries(set))
    await writeSetting(client, `${RETENTION_KEY}${key}`, String(days), by);
  return { before, after, tables: await applyRetention(client, after) };
}
