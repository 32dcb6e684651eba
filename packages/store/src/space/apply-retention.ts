import type { StoreClient } from "../clickhouse/client.js";
import type { Retention } from "../config.js";
import { ttlOf } from "../migrations/ddl.js";
import { readSettings, TTL_KEY, writeSetting } from "./store-settings.js";

/**
 * Brings the TTL of every table to the retention. Idempotent, and whole after a kill:
 *
 *     note "ttl/<table>" ─▶ ALTER … MODIFY TTL ─▶ ALTER … MATERIALIZE TTL ─▶ take the note back
 *
 * Parts remember the TTL that they were written under. They are told of the new one without
 * being rewritten (`materialize_ttl_recalculate_only`): data files are linked, only the note of
 * when a part expires is made anew (parts that are one small file are copied). Without that a longer TTL would not save what is there. A note
 * that is found at the next start means that parts may not have been told, and they are told again.
 * @returns tables whose TTL changed
 */
export async function applyRetention(client: StoreClient, retention: Retention): Promise<string[]> {
  const rows = await client.query<{ name: string; ddl: string }>(
    "SELECT name, create_table_query AS ddl FROM system.tables WHERE database = currentDatabase()",
  );
  const unfinished = await readSettings(client, TTL_KEY);
  const changed: string[] = [];
  for (const [table, ttl] of Object.entries(ttlOf(retention))) {
    const ddl = rows.find((row) => row.name === table)?.ddl;
    if (ddl === undefined) continue;
    const same = hasTtl(ddl, ttl);
    if (same && !unfinished.has(table)) continue;
    if (!same) {
      await writeSetting(client, `${TTL_KEY}${table}`, ttl, "");
      if (!ddl.includes("materialize_ttl_recalculate_only = 1"))
        await client.command(
          `ALTER TABLE ${table} MODIFY SETTING materialize_ttl_recalculate_only = 1`,
        );
      await client.command(
        `ALTER TABLE ${table} MODIFY TTL ${ttl}`,
        {},
        { settings: { materialize_ttl_after_modify: 0 } },
      );
      changed.push(table);
    }
    await client.command(`ALTER TABLE ${table} MATERIALIZE TTL`);
    await writeSetting(client, `${TTL_KEY}${table}`, "", "");
  }
  return changed;
}

/** ClickHouse prints the expression as it was given; what follows it begins with a word of its own. */
function hasTtl(ddl: string, ttl: string): boolean {
  const at = ddl.indexOf(`TTL ${ttl}`);
  return at >= 0 && /^\s*(?:SETTINGS\b|$)/.test(ddl.slice(at + 4 + ttl.length));
}
